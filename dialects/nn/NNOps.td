//===- NNOps.td - Ops of the nn dialect --------------------*- tablegen -*-===//
#ifndef POOLC_NN_OPS_TD
#define POOLC_NN_OPS_TD

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "NNAttrs.td"
include "NNDialect.td"
include "NNInterfaces.td"

/// Checked here rather than rank by rank, so that one message tells all.
def NN_Tensor : Type<CPred<"::poolc::nn::isSupportedTensor($_self)">,
    "a ranked tensor of f32, f16 or bf16 without encoding", "::mlir::RankedTensorType">;

/// I64Attr, but its accessor is signed: what the verifier is about to reject
/// may be negative.
def NN_I64Attr : TypedSignlessIntegerAttrBase<I64, "int64_t", "i64"> {
  let convertFromStorage = "$_self.getInt()";
}

class NN_I64ArrayAttr<string meaning> : DenseArrayAttrBase<"DenseI64ArrayAttr", "int64_t", "i64"> {
  let summary = "array<i64> of " # meaning;
}

/// `problem` is the struct of include/poolc/Problem that holds the op's meaning.
class NN_Op<string mnemonic, string problem> : Op<NN_Dialect, mnemonic, [
    Pure, InferTypeOpAdaptor, NN_ReferenceOpInterface, NN_ScheduledOpInterface]> {
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
  let extraClassDeclaration = [{
    /// The op as plain numbers. A size that only a run knows is marked as such and
    /// is here what to expect. Fails, silently, where one that a kernel must be
    /// made for is dynamic.
    ::llvm::FailureOr<::poolc::}] # problem # [{> getProblem();

    /// The same on operands of these shapes, one per operand. Where they are
    /// not legal or not of the operands' types, emits an error and fails.
    ::llvm::FailureOr<::poolc::}] # problem # [{>
    getProblem(::llvm::ArrayRef<::llvm::SmallVector<int64_t>> operandShapes);
  }];
}

def NN_AvgPool2dOp : NN_Op<"avg_pool2d", "AvgPool2dProblem"> {
  let summary = "2-D average pooling";
  let description = [{
    The sum of each window divided by `divisor_override`, which may be negative;
    or without it, by the number of window positions inside the tensor and, with
    `count_include_pad`, inside the padding. The overhang that `ceil_mode`
    allows beyond the padding never counts. Padded positions add nothing to the
    sum.

    x is `[N,C,H,W]` or `[C,H,W]`; in the result, H and W are the numbers of
    window positions. `kernel_size` and `stride` are for height and width,
    `padding` is top, left, bottom and right. Without `stride`, windows do not
    overlap: it is `kernel_size`.

    Legal: every dimension of x and of the result at least 1, except that N may
    be 0; `kernel_size` and `stride` at least 1; `padding` at least 0 and less
    than `kernel_size` on its axis; `divisor_override` not 0.

    ```mlir
    %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [2, 2] padding = [1, 1, 1, 1]
           count_include_pad = false : (tensor<4x64x56x56xf32>) -> tensor<4x64x28x28xf32>
    ```
  }];
  let arguments = (ins
    NN_Tensor:$x,
    NN_I64ArrayAttr<"height and width">:$kernel_size,
    OptionalAttr<NN_I64ArrayAttr<"height and width">>:$stride,
    DefaultValuedAttr<NN_I64ArrayAttr<"top, left, bottom and right">, "{0, 0, 0, 0}">:$padding,
    DefaultValuedAttr<BoolAttr, "false">:$ceil_mode,
    DefaultValuedAttr<BoolAttr, "true">:$count_include_pad,
    OptionalAttr<NN_I64Attr>:$divisor_override);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = [{
    $x `kernel_size` `=` $kernel_size
    oilist(`stride` `=` custom<Sizes>($stride)
         | `padding` `=` $padding
         | `ceil_mode` `=` $ceil_mode
         | `count_include_pad` `=` $count_include_pad
         | `divisor_override` `=` custom<Integer>($divisor_override))
    attr-dict `:` functional-type(operands, results)
  }];
}

def NN_Conv1dOp : NN_Op<"conv1d", "Conv1dProblem"> {
  let summary = "1-D convolution";
  let description = [{
    Cross-correlation of x with w, plus the bias if there is one. Padding is
    zeros; a padded tap adds nothing, whatever its weight. The `activation`, if
    there is one, is applied to each of these sums before it is rounded.

    x is `[N,Cin,L]` or `[Cin,L]`, w is `[Cout,Cin/groups,K]`, bias is `[Cout]`
    and the result is `[N,Cout,M]` or `[Cout,M]` for M window positions.
    `padding` is left and right.

    Legal: every dimension at least 1, except that N may be 0; `stride`,
    `dilation` and `groups` at least 1; `padding` at least 0; Cin and Cout
    divisible by `groups`; `precision` other than `ieee` only on f32.

    ```mlir
    %y = nn.conv1d %x, %w, %bias stride = 3 dilation = 4 precision = tf32
           : (tensor<64x64x9000xf32>, tensor<128x64x3xf32>, tensor<128xf32>)
           -> tensor<64x128x2998xf32>
    ```
  }];
  let arguments = (ins
    NN_Tensor:$x,
    NN_Tensor:$w,
    Optional<NN_Tensor>:$bias,
    DefaultValuedAttr<NN_I64Attr, "1">:$stride,
    DefaultValuedAttr<NN_I64ArrayAttr<"left and right">, "{0, 0}">:$padding,
    DefaultValuedAttr<NN_I64Attr, "1">:$dilation,
    DefaultValuedAttr<NN_I64Attr, "1">:$groups,
    DefaultValuedAttr<NN_PrecisionAttr, "::poolc::Precision::ieee">:$precision,
    OptionalAttr<NN_AnyActivationAttr>:$activation);
  let results = (outs NN_Tensor:$y);
  let assemblyFormat = [{
    $x `,` $w (`,` $bias^)?
    oilist(`stride` `=` $stride
         | `padding` `=` $padding
         | `dilation` `=` $dilation
         | `groups` `=` $groups
         | `precision` `=` custom<PrecisionWord>($precision)
         | `activation` `=` custom<ActivationWord>($activation))
    attr-dict `:` functional-type(operands, results)
  }];
}

def NN_AddOp : NN_Op<"add", "AddProblem"> {
  let summary = "sum of two tensors, element by element";
  let description = [{
    Both operands and the result have one type; any rank. A sum is formed in f32
    and rounded once.

    `nn-fuse` lets the convolution whose result is added, if nothing else uses
    that, compute the sum itself, without rounding in between; `nn.fused` says so.

    Legal: every dimension at least 1, except that the first may be 0.

    ```mlir
    %z = nn.add %y, %residual : tensor<64x128x2998xf32>
    ```
  }];
  let arguments = (ins NN_Tensor:$a, NN_Tensor:$b);
  let results = (outs NN_Tensor:$y);
  let hasCanonicalizeMethod = 0;
  let assemblyFormat = "$a `,` $b attr-dict `:` custom<SameTypes>(type($a), type($b))";
}

#endif // POOLC_NN_OPS_TD
