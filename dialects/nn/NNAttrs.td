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
    | `tf32x3` | both operands split in two TF32 parts, three products |

    Example: `#nn.precision<tf32>`.
  }];
  let parameters = (ins "::poolc::Precision":$value);
  let returnType = "::poolc::Precision";
  let convertFromStorage = "$_self.getValue()";
  let constBuilderCall = "::poolc::nn::PrecisionAttr::get($_builder.getContext(), $0)";
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
