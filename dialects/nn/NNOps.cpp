//===- NNOps.cpp - Registration and syntax of the nn ops ------------------===//

#include "nn/NN.h"
#include "nn/NNStrictProperties.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;

// The custom directives of the assembly formats. Unlike MLIR's own directives
// for optional attributes, they insist on a value after the `=`.

static ParseResult parseSizes(OpAsmParser &parser, DenseI64ArrayAttr &sizes) {
  sizes = dyn_cast_if_present<DenseI64ArrayAttr>(DenseI64ArrayAttr::parse(parser, Type()));
  return success(sizes != nullptr);
}

static void printSizes(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr sizes) {
  printer.printStrippedAttrOrType(sizes);
}

static ParseResult parseInteger(OpAsmParser &parser, IntegerAttr &integer) {
  int64_t value;
  if (parser.parseInteger(value))
    return failure();
  integer = parser.getBuilder().getI64IntegerAttr(value);
  return success();
}

static void printInteger(OpAsmPrinter &printer, Operation *, IntegerAttr integer) {
  printer << integer.getInt();
}

static void printPrecisionWord(OpAsmPrinter &printer, Operation *, PrecisionAttr precision) {
  printer << toString(precision.getValue());
}

static ParseResult parseActivationWord(OpAsmParser &parser, Attribute &activation) {
  SMLoc location = parser.getCurrentLocation();
  StringRef word;
  std::optional<ActivationKind> kind;
  if (succeeded(parser.parseOptionalKeyword(&word))) {
    if (word == toString(ActivationKind::leaky_relu)) {
      activation = LeakyReluAttr::parse(parser, Type());
      return success(activation != nullptr);
    }
    kind = parseActivationKind(word);
  }
  if (!kind) {
    InFlightDiagnostic error = parser.emitError(location)
                               << "expected activation relu, gelu, gelu_tanh, silu or "
                                  "leaky_relu<slope>";
    return word.empty() ? error : error << ", got " << word;
  }
  activation = ActivationAttr::get(parser.getContext(), *kind);
  return success();
}

static void printActivationWord(OpAsmPrinter &printer, Operation *, Attribute activation) {
  printer << toString(getActivation(activation).kind);
  if (auto leaky = dyn_cast<LeakyReluAttr>(activation))
    leaky.print(printer);
}

// One type for two operands that the verifier wants to be of one.

static ParseResult parseSameTypes(OpAsmParser &parser, Type &a, Type &b) {
  if (parser.parseType(a))
    return failure();
  b = a;
  return success();
}

static void printSameTypes(OpAsmPrinter &printer, Operation *, Type a, Type) { printer << a; }

#define GET_OP_CLASSES
#include "nn/NNOps.cpp.inc"

template <typename... OpTs> void NNDialect::addStrictOperations() {
  addOperations<StrictIfItHasAttributes<OpTs>...>();
}

void NNDialect::registerOperations() {
  addStrictOperations<
#define GET_OP_LIST
#include "nn/NNOps.cpp.inc"
      >();
}
