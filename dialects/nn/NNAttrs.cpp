//===- NNAttrs.cpp - Attributes of the nn dialect -------------------------===//

#include "nn/NN.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;

llvm::hash_code poolc::hash_value(const Schedule &schedule) {
  return llvm::hash_value(schedule.str());
}

#define GET_ATTRDEF_CLASSES
#include "nn/NNAttrs.cpp.inc"

void NNDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "nn/NNAttrs.cpp.inc"
      >();
}

ParseResult nn::parsePrecisionWord(AsmParser &parser, PrecisionAttr &precision) {
  SMLoc location = parser.getCurrentLocation();
  StringRef word;
  std::optional<Precision> value;
  if (succeeded(parser.parseOptionalKeyword(&word)))
    value = parsePrecision(word);
  if (!value) {
    InFlightDiagnostic error = parser.emitError(location)
                               << "expected precision ieee, tf32 or tf32x3";
    return word.empty() ? error : error << ", got " << word;
  }
  precision = PrecisionAttr::get(parser.getContext(), *value);
  return success();
}

Attribute PrecisionAttr::parse(AsmParser &parser, Type) {
  PrecisionAttr precision;
  if (parser.parseLess() || parsePrecisionWord(parser, precision) || parser.parseGreater())
    return {};
  return precision;
}

void PrecisionAttr::print(AsmPrinter &printer) const {
  printer << '<' << toString(getValue()) << '>';
}

Activation nn::getActivation(Attribute attr) {
  if (auto word = dyn_cast_if_present<ActivationAttr>(attr))
    return {word.getValue()};
  if (auto leaky = dyn_cast_if_present<LeakyReluAttr>(attr))
    return {ActivationKind::leaky_relu, leaky.getSlope().convertToDouble()};
  return {};
}

Attribute ActivationAttr::parse(AsmParser &parser, Type) {
  SMLoc location;
  StringRef word;
  if (parser.parseLess())
    return {};
  location = parser.getCurrentLocation();
  std::optional<ActivationKind> kind;
  if (succeeded(parser.parseOptionalKeyword(&word)))
    kind = parseActivationKind(word);
  if (!kind) {
    InFlightDiagnostic error = parser.emitError(location)
                               << "expected activation relu, gelu, gelu_tanh or silu";
    if (!word.empty())
      error << ", got " << word;
    return {};
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), *kind);
}

void ActivationAttr::print(AsmPrinter &printer) const {
  printer << '<' << toString(getValue()) << '>';
}

Attribute LeakyReluAttr::parse(AsmParser &parser, Type) {
  double slope;
  auto emitError = [&, location = parser.getCurrentLocation()] {
    return parser.emitError(location);
  };
  if (parser.parseLess() || parser.parseFloat(slope) || parser.parseGreater())
    return {};
  return getChecked(emitError, parser.getContext(), APFloat(slope));
}

void LeakyReluAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printFloat(getSlope());
  printer << '>';
}

LogicalResult LeakyReluAttr::verify(function_ref<InFlightDiagnostic()> emitError, APFloat slope) {
  bool losesInfo;
  if (&slope.getSemantics() != &APFloat::IEEEdouble())
    return emitError() << "expected a slope in double precision";
  APFloat asFloat = slope;
  asFloat.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &losesInfo);
  if (!asFloat.isFinite())
    return emitError() << "expected a slope that f32 can hold, got " << slope.convertToDouble();
  return success();
}

/// Appends `word=value`, where the value is a word or a number.
static ParseResult parseScheduleWord(AsmParser &parser, std::string &text) {
  StringRef word, value;
  if (parser.parseKeyword(&word) || parser.parseEqual())
    return failure();
  text += (text.empty() ? "" : ",") + word.str() + "=";
  int64_t number;
  OptionalParseResult isNumber = parser.parseOptionalInteger(number);
  if (isNumber.has_value()) {
    text += std::to_string(number);
    return *isNumber;
  }
  if (parser.parseKeyword(&value))
    return failure();
  text += value;
  return success();
}

Attribute ScheduleAttr::parse(AsmParser &parser, Type) {
  SMLoc location = parser.getCurrentLocation();
  std::string text;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     [&] { return parseScheduleWord(parser, text); }))
    return {};
  llvm::Expected<Schedule> schedule = Schedule::parse(text);
  if (!schedule) {
    parser.emitError(location, llvm::toString(schedule.takeError()));
    return {};
  }
  return get(parser.getContext(), *schedule);
}

void ScheduleAttr::print(AsmPrinter &printer) const { printer << '<' << getValue().str() << '>'; }
