//===- NNStrictProperties.h - Refuses unknown attributes --------*- C++ -*-===//
//
// The generic form of an op, `"nn.conv1d"(...) <{...}>`, is a stable format for
// other programs to write. MLIR's generated code drops the attributes in it
// that it does not know, so that a misspelt `pading` would silently compile
// another network. Strict<OpT> is OpT but for that.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_NN_STRICTPROPERTIES_H
#define POOLC_NN_STRICTPROPERTIES_H

#include "mlir/IR/OpDefinition.h"

#include "llvm/ADT/StringExtras.h"

namespace poolc::nn {

template <typename OpT> struct Strict : OpT {
  using OpT::OpT;

  static llvm::LogicalResult
  setPropertiesFromAttr(typename OpT::Properties &properties, mlir::Attribute attr,
                        llvm::function_ref<mlir::InFlightDiagnostic()> emitError) {
    if (auto dict = llvm::dyn_cast_if_present<mlir::DictionaryAttr>(attr)) {
      for (mlir::NamedAttribute entry : dict)
        if (!llvm::is_contained(OpT::getAttributeNames(), entry.getName().getValue()))
          return emitError() << "expected one of the attributes "
                             << llvm::join(OpT::getAttributeNames(), ", ") << ", got "
                             << entry.getName();
      mlir::OperationName name(OpT::getOperationName(), attr.getContext());
      mlir::NamedAttrList attributes(dict);
      if (failed(OpT::verifyInherentAttrs(name, attributes, emitError)))
        return mlir::failure();
    }
    return OpT::setPropertiesFromAttr(properties, attr, emitError);
  }
};

/// An op without attributes refuses all of them by itself.
template <typename OpT>
using StrictIfItHasAttributes =
    std::conditional_t<requires { typename OpT::Properties; }, Strict<OpT>, OpT>;

} // namespace poolc::nn

namespace mlir::detail {
/// A registered Strict<OpT> is what isa<OpT> finds.
template <typename OpT> class TypeIDResolver<poolc::nn::Strict<OpT>> {
public:
  static TypeID resolveTypeID() { return TypeID::get<OpT>(); }
};
} // namespace mlir::detail

#endif // POOLC_NN_STRICTPROPERTIES_H
