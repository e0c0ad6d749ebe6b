//===- Schedule.cpp - The text form of schedules --------------------------===//

#include "poolc/Schedule/Schedule.h"
#include "poolc/Schedule/Words.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace poolc;
using llvm::StringRef;

/// Far above what any GPU can use, far below what could overflow a product.
static constexpr int64_t largestNumber = 1 << 20;

StringRef poolc::toString(Products products) {
  switch (products) {
  case Products::any:
    return "";
  case Products::fma:
    return "fma";
  case Products::mma:
    return "mma";
  }
  return "";
}

std::string Schedule::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::ListSeparator separator(",");
  if (!algorithm.empty())
    os << separator << "algorithm=" << algorithm;
  if (products != Products::any)
    os << separator << "products=" << toString(products);
  for (const NumberWord &word : numberWords)
    if (this->*word.member != 0)
      os << separator << word.name << '=' << this->*word.member;
  if (!order.empty())
    os << separator << "order=" << order;
  return text;
}

static std::string wordNames() {
  std::string names = "algorithm, products";
  for (const NumberWord &word : numberWords)
    names += (", " + word.name).str();
  return names + ", order";
}

/// The word that `name` is most likely a misspelling of, or "".
static StringRef closestWord(StringRef name) {
  StringRef best;
  unsigned bestDistance = 3;
  auto consider = [&](StringRef word) {
    unsigned distance = name.edit_distance(word);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = word;
    }
  };
  consider("algorithm");
  consider("products");
  for (const NumberWord &word : numberWords)
    consider(word.name);
  consider("order");
  return best;
}

static llvm::Error unknownWord(StringRef name) {
  if (StringRef closest = closestWord(name); !closest.empty())
    return llvm::createStringError("unknown schedule word '" + name + "', did you mean '" +
                                   closest + "'?");
  return llvm::createStringError("unknown schedule word '" + name + "', expected one of " +
                                 wordNames());
}

static llvm::Error parseNumber(StringRef name, StringRef value, int64_t &number) {
  if (!value.getAsInteger(10, number) && number >= 1 && number <= largestNumber)
    return llvm::Error::success();
  return llvm::createStringError("expected " + name + " to be a whole number from 1 to " +
                                 llvm::Twine(largestNumber) + ", got '" + value + "'");
}

/// An identifier, as algorithms have.
static llvm::Error parseName(StringRef name, StringRef value, std::string &result) {
  if (value.empty() || !llvm::all_of(value, [](char c) { return llvm::isAlnum(c) || c == '_'; }))
    return llvm::createStringError("expected " + name + " to be a name, got '" + value + "'");
  result = value.str();
  return llvm::Error::success();
}

static llvm::Error parseProducts(StringRef value, Products &result) {
  for (Products products : {Products::fma, Products::mma})
    if (value == toString(products)) {
      result = products;
      return llvm::Error::success();
    }
  return llvm::createStringError("expected products to be fma or mma, got '" + value + "'");
}

/// Groups of distinct lower-case letters; which letters is the algorithm's.
static llvm::Error parseOrder(StringRef value, std::string &result) {
  llvm::SmallVector<StringRef, 4> groups;
  value.split(groups, '.');
  bool valid = groups.size() <= 3;
  for (StringRef group : groups)
    valid &= !group.empty() && llvm::all_of(group, llvm::isLower);
  if (!valid)
    return llvm::createStringError("expected order to be one to three groups of axis letters "
                                   "separated by dots, like w.h.p, got '" +
                                   value + "'");
  result = value.str();
  return llvm::Error::success();
}

static llvm::Error parseWord(StringRef name, StringRef value, Schedule &schedule) {
  if (name == "algorithm")
    return parseName(name, value, schedule.algorithm);
  if (name == "products")
    return parseProducts(value, schedule.products);
  if (name == "order")
    return parseOrder(value, schedule.order);
  const NumberWord *word =
      llvm::find_if(numberWords, [&](const NumberWord &word) { return word.name == name; });
  if (word == std::end(numberWords))
    return unknownWord(name);
  return parseNumber(name, value, schedule.*word->member);
}

llvm::Expected<Schedule> Schedule::parse(StringRef text) {
  Schedule schedule;
  if (text.empty())
    return schedule;
  llvm::SmallVector<StringRef, 12> items, seen;
  text.split(items, ',');
  for (StringRef item : items) {
    if (!item.contains('='))
      return llvm::createStringError("expected word=value in the schedule, got '" + item + "'");
    auto [name, value] = item.split('=');
    name = name.trim();
    if (llvm::is_contained(seen, name))
      return llvm::createStringError("expected schedule word '" + name + "' once, got it twice");
    seen.push_back(name);
    if (llvm::Error error = parseWord(name, value.trim(), schedule))
      return std::move(error);
  }
  return schedule;
}

Schedule Schedule::completedBy(const Schedule &other) const {
  Schedule result = *this;
  if (result.algorithm.empty())
    result.algorithm = other.algorithm;
  if (result.products == Products::any)
    result.products = other.products;
  for (const NumberWord &word : numberWords)
    if (result.*word.member == 0)
      result.*word.member = other.*word.member;
  if (result.order.empty())
    result.order = other.order;
  return result;
}
