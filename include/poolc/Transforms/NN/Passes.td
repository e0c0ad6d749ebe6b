//===- Passes.td - Passes on the nn level ------------------*- tablegen -*-===//
#ifndef POOLC_TRANSFORMS_NN_PASSES_TD
#define POOLC_TRANSFORMS_NN_PASSES_TD

include "mlir/Pass/PassBase.td"

def NNArrangeGrid : Pass<"nn-arrange-grid", "::mlir::ModuleOp"> {
  let summary = "Stage 1: grid layout and parallelism";
  let description = [{
    Changes the tile sizes of each scheduled nn operation, and with them its grid,
    where that is predicted or measured to be needed. Words of `nn.given_schedule`
    stay. Figures come from `nn.profile` where there is one, else from the cost
    model.

    | rule | fires | holds back |
    |---|---|---|
    | `memory_roof` | never: it only holds | DRAM throughput reaches `dram-roof` percent of what streaming kernels reach: the grid is left alone |
    | `parallelism` | SM throughput is below `sm-aim` percent; block sizes of batch and channels are tried before those of positions | SM throughput reaches the aim; no other block size is legal, or none is predicted to save 3 % (with a measurement: to cost at most 5 %) |

    Grids have at most three dimensions: a schedule's order has no more groups, and
    axes are flattened only by it. A remark of the category `nn-arrange-grid` tells each
    outcome and its number: passed where the grid was changed, missed where not.

    Refuses: modules without a target, operations without a schedule or with one
    that is not legal.
  }];
  let options = [
    Option<"smAim", "sm-aim", "double", /*default=*/"60", "SM throughput to reach, in percent">,
    Option<"dramRoof", "dram-roof", "double", /*default=*/"95",
           "DRAM is at its roof from this percentage of what streaming kernels reach">];
  let statistics = [
    Statistic<"numChanged", "grids-changed", "Number of operations whose grid was changed">,
    Statistic<"numHeld", "grids-left-alone", "Number of operations whose grid was left alone">];
}

def NNHideLatency : Pass<"nn-hide-latency", "::mlir::ModuleOp"> {
  let summary = "Stage 2: memory efficiency and latency hiding";
  let description = [{
    Changes how each scheduled nn operation overlaps memory and arithmetic, where that
    is predicted or measured to be needed. Words of `nn.given_schedule` stay.

    | rule | fires | holds back |
    |---|---|---|
    | `num_stages` | memory stalls exceed `stall-aim` percent, and more stages are legal and no slower; a profile without stalls leaves it to the predictions for 1, 2 and 3 | stalls within the aim; shared memory does not suffice; no stages in the algorithm |
    | `block_k` | twice the channels per step are predicted to save 3 % | they take too many registers, too much shared memory, or no less time |
    | `access_width` | metrics show 1.5 times the sectors per load of neighbouring lanes | no such metrics: access patterns are never changed without evidence |

    A remark of the category `nn-hide-latency` tells each outcome and its number:
    passed where the schedule was changed, missed where not.

    Refuses: modules without a target, operations without a schedule or with one
    that is not legal.
  }];
  let options = [Option<"stallAim", "stall-aim", "double", /*default=*/"20",
                        "Percentage of warps that may wait for memory">];
  let statistics = [
    Statistic<"numChanged", "rules-fired", "Number of changes to schedules">,
    Statistic<"numHeld", "rules-held", "Number of rules that held back">];
}

def NNCheckFunction : Pass<"nn-check-function", "::mlir::ModuleOp"> {
  let summary = "Leave one function that can be compiled, or say why there is none";
  let description = [{
    The function to compile is the only public one, or among several
    the one named `main`. All others are dropped, public ones with a warning;
    run `inline` first where it calls some of them.

    After the pass, the module holds that function and nothing else. Its
    arguments and results are ranked tensors of f32, f16 or bf16, it has at
    least one result, and its body is one block of nn operations and a return.

    Refuses: modules without such a function, other operations in the module or
    in the function, other types.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let statistics = [Statistic<"numDropped", "functions-dropped", "Number of functions dropped">];
}

def NNFuse : Pass<"nn-fuse", "::mlir::func::FuncOp"> {
  let summary = "Compute sums in the launch of the convolution that they add to";
  let description = [{
    Matches each `nn.add` one of whose operands is the result of an `nn.conv1d`
    that nothing else uses, and records the operand's number as `nn.fused`. The
    convolution then adds the other operand before it rounds and stores, so that
    the sum costs no memory traffic but that operand's. Of two such
    convolutions, the later one is fused: the other one's result is there by then.

    Before → after:

    ```mlir
    %c = nn.conv1d %x, %w activation = relu : ...
    %y = nn.add %c, %r : tensor<1x8x64xf32>
    ```
    ```mlir
    %c = nn.conv1d %x, %w activation = relu : ...
    %y = nn.add %c, %r {nn.fused = 0 : i64} : tensor<1x8x64xf32>
    ```

    A passed remark of the category `nn-fuse` tells each fusion, a missed one
    why a sum gets a launch of its own: no operand comes from a convolution, or
    that result has other uses and must be in memory anyway.
  }];
  let statistics = [Statistic<"numFused", "sums-fused", "Number of sums computed by a convolution">,
                    Statistic<"numLeft", "sums-left", "Number of sums with a launch of their own">];
}

def NNNumberOps : Pass<"nn-number-ops", "::mlir::func::FuncOp"> {
  let summary = "Number the nn operations of a function";
  let description = [{
    Each nn operation gets its position among them as `nn.index`, by which
    schedules, kernels and checks refer to it however it is rewritten. Numbers
    that are there already are kept.

    Refuses: functions where only some operations have a number, or two the same.
  }];
  let statistics = [Statistic<"numNumbered", "ops-numbered", "Number of operations numbered">];
}

def NNRecordSource : Pass<"nn-record-source", "::mlir::ModuleOp"> {
  let summary = "Keep the program as it is now, for checks of its results";
  let description = [{
    Sets `nn.source` on the module to the module's own text in generic form. It
    goes along through all levels into the launch plan, where a check evaluates
    it as the reference. A source that is there already is replaced.
  }];
}

def NNSelectSchedule : Pass<"nn-select-schedule", "::mlir::ModuleOp"> {
  let summary = "Decide how each operation is mapped to the GPU";
  let description = [{
    Each nn operation gets a complete schedule for the module's `nn.target`,
    recorded as its `nn.schedule`. Words that the option `schedule` gives are
    kept, then words of an `nn.schedule` that is there already; heuristics
    decide the rest. The later passes obey the attribute and decide nothing.

    The option takes the attribute's own words. `2:` before them addresses the
    operation whose `nn.index` is 2, a semicolon separates several: for example
    `num_warps=4;2:algorithm=direct,block_w=64`. Words for one operation win over
    words for all, later ones over earlier ones.

    An analysis remark of the category `nn-select-schedule` tells each decision.

    Refuses: modules without a target, words that the operation cannot have on
    the target, an index that no operation has, and what cannot be scheduled yet
    (dynamic shapes, precisions without an algorithm).
  }];
  let options = [Option<"schedule", "schedule", "std::string", /*default=*/"",
                        "Words of schedules that are decided already">];
  let statistics = [
    Statistic<"numScheduled", "ops-scheduled", "Number of operations that got a schedule">,
    Statistic<"numGiven", "ops-with-given-words", "Number of them for which words were given">];
}

def NNSetTarget : Pass<"nn-set-target", "::mlir::ModuleOp"> {
  let summary = "Name the GPU to compile for";
  let description = [{
    Sets `nn.target` on the module. Without the option, a target that the module
    has is kept, and one that has none gets the first GPU of the table.

    Refuses: names that are not in the table of GPUs.
  }];
  let options = [Option<"target", "target", "std::string", /*default=*/"",
                        "Name of a GPU, e.g. rtx4090">];
}

def NNVerifySchedule : Pass<"nn-verify-schedule", "::mlir::ModuleOp"> {
  let summary = "Hold each schedule against the limits of the target";
  let description = [{
    After the pass, each nn operation has a schedule that is complete and legal
    for its shape on the module's `nn.target`. Changes nothing.
  }];
  let statistics = [Statistic<"numVerified", "schedules-verified", "Number of legal schedules">];
}

#endif // POOLC_TRANSFORMS_NN_PASSES_TD
