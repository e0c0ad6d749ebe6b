//===- Decide.cpp - Choosing among schedules ------------------------------===//

#include "Decide.h"

#include "llvm/Support/raw_ostream.h"

using namespace poolc;

std::string poolc::explainRefusal(llvm::ArrayRef<std::pair<std::string, std::string>> refused) {
  if (refused.empty())
    return "no algorithm applies";
  llvm::StringRef first = refused.front().second;
  if (llvm::all_of(refused, [&](const auto &entry) { return entry.second == first; }))
    return first.str();
  std::string text = "no algorithm has a legal schedule: ";
  llvm::ListSeparator separator("; ");
  llvm::raw_string_ostream os(text);
  for (const auto &[algorithm, reason] : refused)
    os << separator << algorithm << ": " << reason;
  return text;
}
