//===- NNAttrs.td - Attributes of the nn dialect -----------*- tablegen -*-===//
#ifndef POOLC_NN_ATTRS_TD
#define POOLC_NN_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "NNDialect.td"

class NN_Attr<string name, string attrMnemonic> : AttrDef<NN_Dialect, name> {
  let mnemonic = attrMnemonic;
  let hasCustomAssemblyFormat = 1;
}

def NN_PrecisionAttr : NN_Attr<"Precision", "precision"> {
  let summary = "how the products of an f32 convolution are formed";
  let description = [{
    | word | products |
    |---|---|
    | `ieee` | f32 fused multiply-add |
    | `tf32` | both operands rounded to TF32, to nearest, ties away; exact products, f32 accumulation on tensor cores |
    | `tf32x3` | about the accuracy of `ieee`: both operands split in two TF32 parts, three products on tensor cores; or the products of `ieee`, where those are faster |

    Example: `#nn.precision<tf32>`.
  }];
  let parameters = (ins "::poolc::Precision":$value);
  let returnType = "::poolc::Precision";
  let convertFromStorage = "$_self.getValue()";
  let constBuilderCall = "::poolc::nn::PrecisionAttr::get($_builder.getContext(), $0)";
}

def NN_ActivationAttr : NN_Attr<"Activation", "activation"> {
  let summary = "a function of one number, applied to each result";
  let description = [{
    | word | of v |
    |---|---|
    | `relu` | v where it is positive, else 0; a NaN stays one |
    | `gelu` | v * (1 + erf(v / sqrt(2))) / 2 |
    | `gelu_tanh` | v * (1 + tanh(sqrt(2 / pi) * (v + 0.044715 * v^3))) / 2 |
    | `silu` | v / (1 + exp(-v)) |

    Example: `#nn.activation<gelu>`.
  }];
  let parameters = (ins "::poolc::ActivationKind":$value);
}

def NN_LeakyReluAttr : NN_Attr<"LeakyRelu", "leaky_relu"> {
  let summary = "an activation: v where it is positive, else slope * v";
  let description = [{
    The slope is a number that f32 can hold, of any sign.

    Example: `#nn.leaky_relu<0.01>`.
  }];
  let parameters = (ins APFloatParameter<"slope">:$slope);
  let genVerifyDecl = 1;
}

def NN_AnyActivationAttr : Attr<
    CPred<"::llvm::isa<::poolc::nn::ActivationAttr, ::poolc::nn::LeakyReluAttr>($_self)">,
    "#nn.activation or #nn.leaky_relu"> {
  let storageType = "::mlir::Attribute";
  let returnType = "::mlir::Attribute";
  let convertFromStorage = "$_self";
}

def NN_ScheduleAttr : NN_Attr<"Schedule", "schedule"> {
  let summary = "how one op is mapped to the GPU";
  let description = [{
    The words of a schedule as `--schedule` takes them, in any order. Which
    words there are and what they mean depends on the algorithm.

    Example: `#nn.schedule<algorithm=direct,block_w=128,num_warps=4>`.
  }];
  let parameters = (ins "::poolc::Schedule":$value);
}

#endif // POOLC_NN_ATTRS_TD
