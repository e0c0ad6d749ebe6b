//===- PlanComment.cpp - The plan at the top of a PTX file ----------------===//

#include "poolc/Plan/Plan.h"

using namespace poolc;

static constexpr llvm::StringLiteral marker = "//poolc.plan";

std::string Plan::toPTXComment() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << marker << ' ';
  // A line of its own: JSON escapes every line break inside strings.
  print(os);
  os << '\n';
  return text;
}

/// The text after the marker, if the line is one of the plan's.
static std::optional<llvm::StringRef> planPart(llvm::StringRef line) {
  if (!line.consume_front(marker))
    return std::nullopt;
  if (!line.empty() && line.front() != ' ' && line.front() != '\t')
    return std::nullopt;
  return line;
}

llvm::Expected<std::optional<Plan>> Plan::fromPTX(llvm::StringRef ptx) {
  std::string text;
  bool found = false;
  while (!ptx.empty()) {
    llvm::StringRef line;
    std::tie(line, ptx) = ptx.split('\n');
    line = line.trim();
    if (std::optional<llvm::StringRef> part = planPart(line)) {
      found = true;
      text += *part;
      text += '\n';
    } else if (!line.empty() && !line.starts_with("//")) {
      break;
    }
  }
  if (!found)
    return std::optional<Plan>();
  llvm::Expected<Plan> plan = parse(text);
  if (!plan)
    return plan.takeError();
  return std::optional<Plan>(std::move(*plan));
}
