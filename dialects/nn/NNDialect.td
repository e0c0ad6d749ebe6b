//===- NNDialect.td - The nn dialect -----------------------*- tablegen -*-===//
//
// What to compute, on tensors.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_NN_DIALECT_TD
#define POOLC_NN_DIALECT_TD

include "mlir/IR/DialectBase.td"
include "mlir/IR/OpBase.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::poolc::nn";
  let summary = "Layers on tensors: what to compute";
  let description = [{
    Layers of neural networks on contiguous tensors in NCHW or NCL order, with
    or without the batch dimension, whose elements are f32, f16 or bf16. All
    operands and the result of one op have the same element type; sums are
    accumulated in f32 and subnormals are kept. Dimensions may be dynamic, the
    rank may not.

    Each op's meaning is PyTorch's. A window of `k` taps, `d` apart, that slides
    by `s` over `L` elements with `p0` and `p1` of padding around them has
    `floor((L + p0 + p1 - d*(k-1) - 1) / s) + 1` positions. In ceil mode the
    division rounds up, and the last position is dropped if it starts at or
    after `L + p0`.

    An attribute with a default may be left out. The canonical form leaves out
    what says no more than its default, so `stride` of a pooling equal to its
    `kernel_size` is dropped.

    Discardable attributes of the dialect:

    | attribute | on | meaning |
    |---|---|---|
    | `nn.name` (string) | arguments and results of functions, allocations | name of the buffer in the launch plan; an identifier, unique in its function |
    | `nn.alignment` (i64) | arguments and results of functions | bytes that the buffer's address is surely a multiple of, a power of two; 16 without it. At least the size of an element, which is all that a view of another tensor may have |
    | `nn.role` (string) | arguments of functions below the nn level | `input` or `output` |
    | `nn.index` (i64) | nn ops | position among the nn ops of the source function; a rewritten op keeps it |
    | `nn.target` (string) | modules | name of the GPU to compile for |
    | `nn.schedule` (`#nn.schedule`) | nn ops | how the op is mapped to the GPU |
    | `nn.given_schedule` (`#nn.schedule`) | nn ops | the words of the schedule that were given, which no pass changes |
    | `nn.profile` (dictionary of numbers) | nn ops | metrics of the op's kernel, by their Nsight Compute names |
    | `nn.fused` (i64) | `nn.add` | number of its operand that is computed in the same launch: the result, used nowhere else, of an `nn.conv1d` |
    | `nn.expected` (array<i64>) | nn ops | shape of x to decide the schedule for, where it is dynamic |
    | `nn.source` (string) | modules | the generic form of the nn level that the module was made from |
    | `nn.op`, `nn.result` (string) | launches | name of the op that the kernel computes, and of the buffer that holds its result |
  }];

  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;

  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral nameAttr = "nn.name";
    static constexpr ::llvm::StringLiteral alignmentAttr = "nn.alignment";
    static constexpr ::llvm::StringLiteral roleAttr = "nn.role";
    static constexpr ::llvm::StringLiteral indexAttr = "nn.index";
    static constexpr ::llvm::StringLiteral targetAttr = "nn.target";
    static constexpr ::llvm::StringLiteral scheduleAttr = "nn.schedule";
    static constexpr ::llvm::StringLiteral givenScheduleAttr = "nn.given_schedule";
    static constexpr ::llvm::StringLiteral profileAttr = "nn.profile";
    static constexpr ::llvm::StringLiteral fusedAttr = "nn.fused";
    static constexpr ::llvm::StringLiteral expectedAttr = "nn.expected";
    static constexpr ::llvm::StringLiteral sourceAttr = "nn.source";
    static constexpr ::llvm::StringLiteral opAttr = "nn.op";
    static constexpr ::llvm::StringLiteral resultAttr = "nn.result";

  private:
    void registerAttributes();
    void registerOperations();
    /// Registers ops that refuse unknown attributes in their generic form.
    template <typename... OpTs> void addStrictOperations();
  }];
}

#endif // POOLC_NN_DIALECT_TD
