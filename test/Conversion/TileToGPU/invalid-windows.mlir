// RUN: poolc-opt %s --tile-to-gpu --split-input-file --verify-diagnostics

#lanes = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [2, 16], warps = [1, 1]>
tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<4x32xf32, #lanes>
  // expected-error@+1 {{'tile.window_sum' op expected a layout with all of dimension 0 in each thread, got #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [2, 16], warps = [1, 1]>}}
  %s = tile.window_sum %c dim 0 kernel 3 stride 1 : tensor<4x32xf32, #lanes> -> tensor<2x32xf32, #lanes>
  tile.return
}

// -----

#a = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>
#b = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [1, 32], warps = [1, 1]>
tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<4x32xf32, #a>
  // expected-error@+1 {{'tile.window_sum' op expected a result with the layout of the source, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>, got #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [1, 32], warps = [1, 1]>}}
  %s = tile.window_sum %c dim 0 kernel 3 stride 1 : tensor<4x32xf32, #a> -> tensor<2x32xf32, #b>
  tile.return
}

// -----

#a = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>
tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<4x32xf32, #a>
  // expected-error@+1 {{'tile.window_sum' op expected a layout with a multiple of stride 2 elements for each thread in the last dimension, got #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>}}
  %s = tile.window_sum %c dim 1 kernel 2 stride 2 : tensor<4x32xf32, #a> -> tensor<4x16xf32, #a>
  tile.return
}

// -----

#b = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [1, 32], warps = [1, 1]>
tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<4x32xf32, #b>
  // expected-error@+1 {{'tile.window_sum' op expected a result with the layout #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>, got #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [1, 32], warps = [1, 1]>}}
  %s = tile.window_sum %c dim 1 kernel 2 stride 2 : tensor<4x32xf32, #b> -> tensor<4x16xf32, #b>
  tile.return
}
