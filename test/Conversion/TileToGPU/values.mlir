// What computes on tiles computes on the vector of one thread.

// RUN: poolc-opt %s --tile-to-gpu --split-input-file | FileCheck %s

#l = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>

// A thread holds 2 x 2 elements of 2 x 64: rows of the pattern first, each with
// its repetitions. A column of 2 x 1 has its element of each row twice, a row of
// 1 x 64 is there twice.

// CHECK-LABEL: gpu.func @broadcast
// CHECK:         arith.constant dense<1.500000e+00> : vector<2xf32>
// CHECK:         vector.shuffle %[[C:.*]], %[[C]] [0, 0, 1, 1] : vector<2xf32>, vector<2xf32>
// CHECK:         vector.shuffle %[[R:.*]], %[[R]] [0, 1, 0, 1] : vector<2xf32>, vector<2xf32>
// CHECK:         arith.mulf %{{.*}}, %{{.*}} fastmath<contract> : vector<4xf32>
// CHECK:         arith.cmpf ogt, %{{.*}}, %{{.*}} : vector<4xf32>
// CHECK:         arith.select %{{.*}}, %{{.*}}, %{{.*}} : vector<4xi1>, vector<4xf32>
tile.func @broadcast(%x: memref<2x64xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %half = arith.constant dense<1.5> : tensor<2x1xf32, #l>
  %column = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none]
    : memref<2x64xf32, #gpu.address_space<global>> -> tensor<2x1xf32, #l>
  %scaled = arith.addf %column, %half : tensor<2x1xf32, #l>
  %row = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none]
    : memref<2x64xf32, #gpu.address_space<global>> -> tensor<1x64xf32, #l>
  %a = tile.broadcast %scaled : tensor<2x1xf32, #l> -> tensor<2x64xf32, #l>
  %b = tile.broadcast %row : tensor<1x64xf32, #l> -> tensor<2x64xf32, #l>
  %c = arith.mulf %a, %b fastmath<contract> : tensor<2x64xf32, #l>
  %d = arith.cmpf ogt, %a, %c : tensor<2x64xf32, #l>
  %e = arith.select %d, %a, %c : tensor<2x64xi1, #l>, tensor<2x64xf32, #l>
  tile.store %e, %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none]
    : tensor<2x64xf32, #l>, memref<2x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [2], threads_per_warp = [32], warps = [1]>

// base + (2 * lane) * step, and from there constants: pairs, 64 apart.

// CHECK-LABEL: gpu.func @iota(
// CHECK:         %[[FIRST:.*]] = arith.muli %{{.*}}, %c2{{.*}} overflow<nsw, nuw> : i32
// CHECK:         %[[BASE:.*]] = arith.index_cast %{{.*}} : index to i32
// CHECK:         %[[PART:.*]] = arith.muli %[[FIRST]], %c3{{.*}} : i32
// CHECK:         %[[E0:.*]] = arith.addi %[[BASE]], %[[PART]] : i32
// CHECK:         %[[E1:.*]] = arith.addi %[[E0]], %c3{{.*}} : i32
// CHECK:         %[[E2:.*]] = arith.addi %[[E0]], %c192{{.*}} : i32
// CHECK:         %[[E3:.*]] = arith.addi %[[E0]], %c195{{.*}} : i32
// CHECK:         vector.from_elements %[[E0]], %[[E1]], %[[E2]], %[[E3]] : vector<4xi32>
tile.func @iota(%x: memref<128xi32, #gpu.address_space<global>>, %base: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %0 = tile.iota %base dim 0 step 3 : tensor<128xi32, #l>
  tile.store %0, %x[%c0] dims [0] strides [1] guards [none] : tensor<128xi32, #l>, memref<128xi32, #gpu.address_space<global>>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

// Wider and narrower integers than a thread's coordinate; steps wrap around.

// CHECK-LABEL: gpu.func @widths(
// CHECK:         arith.extui %{{.*}} : i32 to i64
// CHECK:         arith.addi %{{.*}}, %c-8070450532247928832{{.*}} : i64
// CHECK:         arith.trunci %{{.*}} : i32 to i8
// CHECK:         arith.constant 1 : i8
tile.func @widths(%x: memref<64xi64, #gpu.address_space<global>>, %y: memref<32xi8, #gpu.address_space<global>>, %base: index)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %0 = tile.iota %base dim 0 step 324259173170675712 : tensor<64xi64, #l>
  tile.store %0, %x[%c0] dims [0] strides [1] guards [none] : tensor<64xi64, #l>, memref<64xi64, #gpu.address_space<global>>
  %1 = tile.iota %base dim 0 step 257 : tensor<32xi8, #l>
  tile.store %1, %y[%c0] dims [0] strides [1] guards [none] : tensor<32xi8, #l>, memref<32xi8, #gpu.address_space<global>>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

// Loops and branches carry vectors.

// CHECK-LABEL: gpu.func @control
// CHECK:         scf.for {{.*}} -> (vector<2xf32>)
// CHECK:           scf.if {{.*}} -> (vector<2xf32>)
// CHECK:         scf.while {{.*}} : (vector<2xf32>) -> vector<2xf32>
tile.func @control(%x: memref<64xf32, #gpu.address_space<global>>, %n: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = arith.constant dense<1.0> : tensor<64xf32, #l>
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%s = %init) -> tensor<64xf32, #l> {
    %c = arith.cmpi eq, %i, %c1 : index
    %t = scf.if %c -> tensor<64xf32, #l> {
      %u = arith.addf %s, %s : tensor<64xf32, #l>
      scf.yield %u : tensor<64xf32, #l>
    } else {
      scf.yield %s : tensor<64xf32, #l>
    }
    scf.yield %t : tensor<64xf32, #l>
  }
  %1 = scf.while (%a = %0) : (tensor<64xf32, #l>) -> tensor<64xf32, #l> {
    %c = arith.cmpi eq, %n, %c1 : index
    scf.condition(%c) %a : tensor<64xf32, #l>
  } do {
  ^body(%b: tensor<64xf32, #l>):
    scf.yield %b : tensor<64xf32, #l>
  }
  tile.store %1, %x[%c0] dims [0] strides [1] guards [none] : tensor<64xf32, #l>, memref<64xf32, #gpu.address_space<global>>
  tile.return
}
