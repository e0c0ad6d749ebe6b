//===- ScheduleOverrides.cpp - Words given for schedules ------------------===//

#include "poolc/Transforms/NN/ScheduleOverrides.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace poolc;
using llvm::StringRef;

static llvm::Expected<ScheduleOverride> parseOverride(StringRef text) {
  ScheduleOverride result;
  if (text.contains(':')) {
    auto [index, words] = text.split(':');
    int64_t number;
    if (index.trim().getAsInteger(10, number) || number < 0)
      return llvm::createStringError("expected the index of an op before ':', got '" + index + "'");
    result.index = number;
    text = words;
  }
  llvm::Expected<Schedule> words = Schedule::parse(text.trim());
  if (!words)
    return words.takeError();
  if (*words == Schedule())
    return llvm::createStringError("expected words of a schedule, got none");
  result.words = std::move(*words);
  return result;
}

llvm::Expected<llvm::SmallVector<ScheduleOverride>> poolc::parseScheduleOverrides(StringRef text) {
  llvm::SmallVector<ScheduleOverride> overrides;
  if (text.trim().empty())
    return overrides;
  for (StringRef part : llvm::split(text, ';')) {
    llvm::Expected<ScheduleOverride> parsed = parseOverride(part);
    if (!parsed)
      return parsed.takeError();
    overrides.push_back(std::move(*parsed));
  }
  return overrides;
}

Schedule poolc::combineOverrides(llvm::ArrayRef<ScheduleOverride> overrides,
                                 std::optional<int64_t> index) {
  Schedule forOne, forAll;
  for (const ScheduleOverride &given : overrides) {
    if (!given.index)
      forAll = given.words.completedBy(forAll);
    else if (given.index == index)
      forOne = given.words.completedBy(forOne);
  }
  return forOne.completedBy(forAll);
}
