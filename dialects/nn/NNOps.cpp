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

#define GET_OP_CLASSES
#include "nn/NNOps.cpp.inc"

template <typename... OpTs> void NNDialect::addStrictOperations() {
  addOperations<Strict<OpTs>...>();
}

void NNDialect::registerOperations() {
  addStrictOperations<
#define GET_OP_LIST
#include "nn/NNOps.cpp.inc"
      >();
}
