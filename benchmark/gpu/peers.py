"""The same workloads by PyTorch: eager, compiled, and other libraries where they are installed."""


def set_precision(torch, workload):
    """Products as the workload wants them: tf32 where it says so, else f32."""
    allow = workload.get("precision") == "tf32"
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = allow
    torch.backends.cuda.matmul.allow_tf32 = allow


def pool(torch, workload):
    functional = torch.nn.functional
    top, left, bottom, right = workload["padding"]
    options = {"kernel_size": tuple(workload["kernel_size"]), "stride": tuple(workload["stride"]),
               "ceil_mode": workload["ceil_mode"], "count_include_pad": workload["count_include_pad"],
               "divisor_override": workload["divisor_override"]}
    if (top, left) == (bottom, right):
        return lambda x: functional.avg_pool2d(x, padding=(top, left), **options)
    if workload["count_include_pad"]:
        return lambda x: functional.avg_pool2d(functional.pad(x, (left, right, top, bottom)), **options)
    # What hangs over in ceil mode is not counted either.
    options["ceil_mode"] = True
    return lambda x: functional.avg_pool2d(x, padding=(top, left), **options)


def conv(torch, workload):
    functional = torch.nn.functional
    before, after = workload["padding"]
    options = {"stride": workload["stride"], "dilation": workload["dilation"], "groups": workload["groups"]}
    if before == after:
        return lambda x, w, b=None: functional.conv1d(x, w, b, padding=before, **options)
    if before > after:
        # As causal models do: pad both sides, drop what is too much. No pass over memory more.
        length = workload["result"][2]
        return lambda x, w, b=None: functional.conv1d(x, w, b, padding=before, **options)[..., :length]
    return lambda x, w, b=None: functional.conv1d(functional.pad(x, (before, after)), w, b, **options)


def activation(torch, workload):
    """The activation as a function of one tensor, or None."""
    text = workload.get("activation")
    if not text:
        return None
    name, _, argument = text.rstrip(">").partition("<")
    functional = torch.nn.functional
    if name == "leaky_relu":
        return lambda x: functional.leaky_relu(x, float(argument))
    return {"relu": functional.relu, "gelu": functional.gelu, "silu": functional.silu,
            "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh")}[argument]


def eager(torch, workload):
    """A function of the workload's inputs."""
    if workload["op"] == "avg_pool2d":
        return pool(torch, workload)
    convolve, activate = conv(torch, workload), activation(torch, workload)
    if not activate and not workload["residual"]:
        return convolve

    def fused(*inputs):
        operands = inputs[:-1] if workload["residual"] else inputs
        result = convolve(*operands)
        if activate:
            result = activate(result)
        return result + inputs[-1] if workload["residual"] else result

    return fused


def compiled(torch, workload):
    # Graphs would copy the inputs; the kernels are the same without.
    torch._dynamo.reset()
    return torch.compile(eager(torch, workload), mode="max-autotune-no-cudagraphs", dynamic=False)


def causal_conv1d(torch, workload):
    """The package of that name, for what it can do; else None."""
    taps = workload.get("kernel_size")
    if workload["op"] != "conv1d" or taps not in (2, 3, 4) or workload["stride"] != 1 or workload["dilation"] != 1:
        return None
    channels = workload["input"][1]
    if workload["groups"] != channels or workload["out_channels"] != channels or \
            workload["padding"] != [taps - 1, 0] or workload["residual"] or \
            workload["activation"] not in (None, "activation<silu>"):
        return None
    try:
        from causal_conv1d import causal_conv1d_fn
    except ImportError:
        return None
    silu = "silu" if workload["activation"] else None
    return lambda x, w, b=None: causal_conv1d_fn(x, w.squeeze(1), b, activation=silu)


PEERS = {"eager": eager, "compile": compiled, "causal_conv1d": causal_conv1d}
