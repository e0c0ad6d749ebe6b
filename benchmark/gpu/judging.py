"""Which of the bounds in criteria.json hold for the figures of a workload."""

import json


class _Missing(Exception):
    pass


class _Figures(dict):
    def __missing__(self, name):
        raise _Missing(name)


def evaluate(expression, figures):
    """Whether it holds; None where it needs a figure that is None or not there."""
    known = _Figures({name: value for name, value in figures.items() if value is not None})
    try:
        return bool(eval(expression, {"__builtins__": {}}, known))  # pylint: disable=eval-used
    except _Missing:
        return None


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def judge(criteria, workload, figures):
    """{name: True, False or None} of the criteria that apply to the workload."""
    result = {}
    for criterion in criteria:
        if criterion.get("op", workload["op"]) != workload["op"] or \
                workload["class"] not in criterion.get("classes", [workload["class"]]):
            continue
        applies = evaluate(criterion.get("when", "True"), figures)
        if applies is not False:
            result[criterion["name"]] = applies and evaluate(criterion["holds"], figures)
    return result


def summary(verdicts):
    """What a table says: how many hold, and which do not or cannot be told."""
    words = [f"{sum(verdict is True for verdict in verdicts.values())}/{len(verdicts)}"]
    words += [f"!{name}" for name, verdict in verdicts.items() if verdict is False]
    words += [f"?{name}" for name, verdict in verdicts.items() if verdict is None]
    return " ".join(words)
