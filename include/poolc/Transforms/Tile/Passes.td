//===- Passes.td - Passes on the tile level ----------------*- tablegen -*-===//
#ifndef POOLC_TRANSFORMS_TILE_PASSES_TD
#define POOLC_TRANSFORMS_TILE_PASSES_TD

include "mlir/Pass/PassBase.td"

def TileInferGuards : Pass<"tile-infer-guards", "::poolc::tile::FuncOp"> {
  let summary = "Drop the guards that the ranges of the coordinates make needless";
  let description = [{
    Integer ranges are propagated from the grid, the bounds of loops and
    constants. An end of a dimension that no box of an access can overrun loses
    its guard; an access whose coordinates all fit 32 bits says so.

    Matches every `tile.load` and `tile.store`; never adds a guard that is not
    there.
  }];
  let statistics = [Statistic<"numDropped", "guards-dropped", "Number of ends that lost their guard">,
                    Statistic<"numNarrowed", "accesses-narrowed", "Number of accesses made 32 bits wide">];
}

def TilePipeline : Pass<"tile-pipeline", "::poolc::tile::FuncOp"> {
  let summary = "Let the copies of a loop run ahead of its computation";
  let description = [{
    Matches loops with the attribute `tile.num_stages` whose body is: copies to
    shared memory and the arithmetic for them, a barrier, the computation, a
    barrier. With more than one stage, each buffer that is copied to becomes
    `num_stages` buffers; the copies of the first `num_stages - 1` iterations
    come before the loop, and each iteration begins the copies that are needed
    `num_stages - 1` iterations later. Copies become asynchronous where their
    elements have 4, 8 or 16 bytes. What is copied to a subview of an allocation
    that the loop's iteration is the first offset of, has a place for all iterations
    and becomes no buffers. Afterwards no loop has the attribute.

    Refuses loops with the attribute and another body, and buffers that are used
    outside of the loop.
  }];
  let statistics = [Statistic<"numPipelined", "loops-pipelined", "Number of loops rewritten">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def TileAssignLayouts : Pass<"tile-assign-layouts", "::poolc::tile::FuncOp"> {
  let summary = "Decide which thread holds which element of each tile";
  let description = [{
    Tiles that meet in an elementwise operation, a broadcast or a loop share a
    layout, so that none of these moves data between threads. It is made from
    the largest shape among them: `vector` adjacent elements for each thread,
    lanes along the last dimensions so that a warp's accesses coalesce, warps
    along the first.

    The accumulator of a `tile.dot` on tensor cores, and what meets it, gets the
    layout of that instruction's fragments. A `tile.copy` gets a layout of its
    own, with `deal-copies` a grid of threads where that takes fewer
    instructions: then a warp may copy parts of several rows.
  }];
  let options = [Option<"dealCopies", "deal-copies", "bool", /*default=*/"false",
                        "Let warps copy parts of several rows at once">];
  let statistics = [Statistic<"numLayouts", "layouts", "Number of groups of tiles with a layout">];
}

#endif // POOLC_TRANSFORMS_TILE_PASSES_TD
