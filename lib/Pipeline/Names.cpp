//===- Names.cpp - Names of arguments and results, as in the text ---------===//

#include "Names.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

static constexpr StringLiteral nameAttr = "nn.name";

/// "%x" -> "x"; "%0" -> "arg0", since names are words. Empty if `state` does not
/// know the argument.
static std::string nameInText(func::FuncOp func, unsigned index, const AsmParserState &state) {
  const auto *block = state.getBlockDef(&func.front());
  if (!block || index >= block->arguments.size())
    return "";
  SMRange range = block->arguments[index].loc;
  if (!range.isValid())
    return "";
  StringRef text(range.Start.getPointer(), range.End.getPointer() - range.Start.getPointer());
  text.consume_front("%");
  std::string name = text.str();
  for (char &c : name)
    c = llvm::isAlnum(c) ? c : '_';
  return !name.empty() && llvm::isDigit(name[0]) ? "arg" + name : name;
}

/// `wanted`, or the first of `wanted`_1, `wanted`_2, ... that is not taken yet.
static std::string makeUnique(const std::string &wanted, llvm::StringSet<> &taken) {
  std::string name = wanted;
  for (unsigned suffix = 1; !taken.insert(name).second; ++suffix)
    name = wanted + "_" + std::to_string(suffix);
  return name;
}

static void nameFunction(func::FuncOp func, const AsmParserState &state) {
  MLIRContext *context = func.getContext();
  llvm::StringSet<> taken;
  auto collect = [&](DictionaryAttr attrs) {
    if (auto given = attrs ? attrs.getAs<StringAttr>(nameAttr) : StringAttr())
      taken.insert(given.getValue());
  };
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    collect(func.getArgAttrDict(i));
  for (unsigned i = 0; i < func.getNumResults(); ++i)
    collect(func.getResultAttrDict(i));

  for (unsigned i = 0; i < func.getNumArguments(); ++i) {
    if (func.getArgAttr(i, nameAttr))
      continue;
    std::string wanted = nameInText(func, i, state);
    if (wanted.empty())
      wanted = "arg" + std::to_string(i);
    func.setArgAttr(i, nameAttr, StringAttr::get(context, makeUnique(wanted, taken)));
  }
  for (unsigned i = 0; i < func.getNumResults(); ++i) {
    if (func.getResultAttr(i, nameAttr))
      continue;
    std::string wanted = func.getNumResults() == 1 ? "y" : "y" + std::to_string(i);
    func.setResultAttr(i, nameAttr, StringAttr::get(context, makeUnique(wanted, taken)));
  }
}

void poolc::nameArgumentsAndResults(ModuleOp module, const AsmParserState &state) {
  for (auto func : module.getOps<func::FuncOp>())
    if (func.isPublic() && !func.isExternal())
      nameFunction(func, state);
}
