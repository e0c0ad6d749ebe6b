// RUN: poolc-opt %s --tile-to-gpu --split-input-file --verify-diagnostics -o %t
// RUN: FileCheck %s < %t
// RUN: FileCheck %s --check-prefix=WHOLE < %t

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 2]>

// 32 x 32 on two warps: each has 4 row groups (2 fragments) x 2 column groups;
// K = 32 is two instructions deep. Both operands are contiguous along K, so
// they are loaded as matrices.
// CHECK-LABEL: gpu.func @f16
// CHECK-COUNT-2: nvgpu.ldmatrix %{{.*}} {numTiles = 2 : i32, transpose = false} : {{.*}} -> vector<2x2xf16>
// CHECK: nvgpu.ldmatrix %{{.*}} {numTiles = 4 : i32, transpose = false} : {{.*}} -> vector<4x2xf16>
// CHECK-COUNT-8: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 16>
// CHECK-NOT: nvvm.mma.sync
tile.func @f16(%y: memref<32x32xf32, #global>) attributes {num_warps = 2 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<32x32xf16, strided<[40, 1]>, #shared>
  %b = tile.alloc : memref<32x32xf16, strided<[1, 40]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<32x32xf32, #fragments>
  %d = tile.dot mma %a, %b, %zero rows_aligned : memref<32x32xf16, strided<[40, 1]>, #shared>, memref<32x32xf16, strided<[1, 40]>, #shared>, tensor<32x32xf32, #fragments>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<32x32xf32, #fragments>, memref<32x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#swapped = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 1], columns_of_lanes = true>

// 24 rows of a as three times eight columns of instructions: the 16 columns of b are loaded first,
// then two fragments of a at once, and the last one by itself.
// CHECK-LABEL: gpu.func @swapped
// CHECK: nvgpu.ldmatrix {{.*}} {numTiles = 4 : i32, transpose = false} : {{.*}} -> vector<4x1xf32>
// CHECK: nvgpu.ldmatrix {{.*}} {numTiles = 4 : i32, transpose = false} : {{.*}} -> vector<4x1xf32>
// CHECK-COUNT-2: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
// CHECK: nvgpu.ldmatrix {{.*}} {numTiles = 2 : i32, transpose = false} : {{.*}} -> vector<2x1xf32>
// CHECK: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
// CHECK-NOT: nvvm.mma.sync
tile.func @swapped(%y: memref<24x16xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<2x24x4xf32, #shared>
  %b = tile.alloc : memref<2x16x4xf32, #shared>
  %zero = arith.constant dense<0.0> : tensor<24x16xf32, #swapped>
  %d = tile.dot mma_tf32 %a, %b, %zero rows_aligned chunk_alignment 4 : memref<2x24x4xf32, #shared>, memref<2x16x4xf32, #shared>, tensor<24x16xf32, #swapped>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<24x16xf32, #swapped>, memref<24x16xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Without the promise of alignment every register is loaded by elements: bf16
// in pairs along K, handed over as integers.
// CHECK-LABEL: gpu.func @bf16
// CHECK-NOT: nvgpu.ldmatrix
// CHECK: vector.from_elements %{{.*}}, %{{.*}} : vector<2xbf16>
// CHECK: llvm.bitcast %{{.*}} : vector<2xbf16> to i32
// CHECK: nvvm.mma.sync {{.*}} multiplicandAPtxType = #nvvm.mma_type<bf16>
tile.func @bf16(%y: memref<16x8xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x16xbf16, #shared>
  %b = tile.alloc : memref<16x8xbf16, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #fragments>
  %d = tile.dot mma %a, %b, %zero : memref<16x16xbf16, #shared>, memref<16x8xbf16, #shared>, tensor<16x8xf32, #fragments>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x8xf32, #fragments>, memref<16x8xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Every operand of TF32 is rounded, four of a and two of b; tf32x3 rounds the
// rests too and multiplies three times.
// CHECK-LABEL: gpu.func @tf32
// CHECK-COUNT-6: nvvm.convert.float.to.tf32 %{{.*}} {rnd = #nvvm.fp_rnd_mode<rna>}
// CHECK: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
// CHECK-COUNT-12: nvvm.convert.float.to.tf32
// CHECK-COUNT-3: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
tile.func @tf32(%y: memref<16x8xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x8xf32, strided<[12, 1]>, #shared>
  %b = tile.alloc : memref<8x8xf32, strided<[40, 1]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #fragments>
  %d = tile.dot mma_tf32 %a, %b, %zero rows_aligned : memref<16x8xf32, strided<[12, 1]>, #shared>, memref<8x8xf32, strided<[40, 1]>, #shared>, tensor<16x8xf32, #fragments>
  %e = tile.dot mma_tf32x3 %a, %b, %d rows_aligned : memref<16x8xf32, strided<[12, 1]>, #shared>, memref<8x8xf32, strided<[40, 1]>, #shared>, tensor<16x8xf32, #fragments>
  tile.store %e, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x8xf32, #fragments>, memref<16x8xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [2, 1]>

// FMA: for each k, the thread's 4 rows times its 2 columns.
// CHECK-LABEL: gpu.func @fma
// CHECK-NOT: scf.for
// CHECK-COUNT-6: memref.load
// CHECK: math.fma %{{.*}} : vector<8xf32>
// CHECK-COUNT-4: math.fma %{{.*}} : vector<8xf32>
tile.func @fma(%y: memref<8x64xf32, #global>) attributes {num_warps = 2 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<8x5xf32, #shared>
  %b = tile.alloc : memref<5x64xf32, #shared>
  %zero = arith.constant dense<0.0> : tensor<8x64xf32, #rows>
  %d = tile.dot fma %a, %b, %zero : memref<8x5xf32, #shared>, memref<5x64xf32, #shared>, tensor<8x64xf32, #rows>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<8x64xf32, #rows>, memref<8x64xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>

tile.func @wrong_layout(%y: memref<16x32xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x8xf32, #shared>
  %b = tile.alloc : memref<8x32xf32, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x32xf32, #rows>
  // expected-error @below {{expected an accumulator with the layout of tensor core fragments}}
  %d = tile.dot mma_tf32 %a, %b, %zero : memref<16x8xf32, #shared>, memref<8x32xf32, #shared>, tensor<16x32xf32, #rows>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32, #rows>, memref<16x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// In chunks of eight channels, rows of a are 8 elements apart and chunks 256:
// lanes 16 to 31 name the rows of the second chunk.
// CHECK-LABEL: gpu.func @chunks
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31
// CHECK: %[[CHUNK:.*]] = arith.shrui %[[LANE]], %c4
// CHECK: arith.muli %{{.*}}, %c8
// CHECK: arith.muli %[[CHUNK]], %c256
// CHECK: nvgpu.ldmatrix %{{.*}} {numTiles = 4 : i32, transpose = false} : {{.*}} -> vector<4x2xf16>
tile.func @chunks(%y: memref<16x8xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<2x16x8xf16, strided<[256, 8, 1]>, #shared>
  %b = tile.alloc : memref<16x8xf16, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #fragments>
  %d = tile.dot mma %a, %b, %zero rows_aligned : memref<2x16x8xf16, strided<[256, 8, 1]>, #shared>, memref<16x8xf16, #shared>, tensor<16x8xf32, #fragments>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x8xf32, #fragments>, memref<16x8xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [4, 1], threads_per_warp = [4, 8], warps = [1, 1]>

// Where a's columns are contiguous, four neighbouring rows are one load; a long
// sum is a loop.
// CHECK-LABEL: gpu.func @fma_columns
// CHECK: scf.for
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-COUNT-2: memref.load
// CHECK: math.fma %{{.*}} : vector<8xf32>
tile.func @fma_columns(%y: memref<16x16xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %w = tile.alloc : memref<32x16xf32, #shared>
  %b = tile.alloc : memref<32x16xf32, #shared>
  %a = memref.transpose %w (i, j) -> (j, i) : memref<32x16xf32, #shared> to memref<16x32xf32, strided<[1, 16]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x16xf32, #rows>
  %d = tile.dot fma %a, %b, %zero rows_aligned : memref<16x32xf32, strided<[1, 16]>, #shared>, memref<32x16xf32, #shared>, tensor<16x16xf32, #rows>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x16xf32, #rows>, memref<16x16xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>
#rows = #tile.blocked<size_per_thread = [4, 1], threads_per_warp = [4, 8], warps = [1, 1]>

// Row k of b lies (%o + k * %s) mod 8 elements further: 16-bit rows 2t and 2t + 1 of
// a thread have places of their own, 8 rows later they are the same again.
// CHECK-LABEL: gpu.func @skewed_halves
// CHECK-SAME: %[[O:[^ :]*]]: index, %[[S:[^ :]*]]: index
// CHECK-NOT: nvgpu.ldmatrix
// CHECK: arith.index_cast %[[O]] : index to i32
// CHECK: %[[STEP:.*]] = arith.index_cast %[[S]] : index to i32
// CHECK: arith.muli %{{.*}}, %[[STEP]]
// CHECK: %[[LOW:.*]] = arith.andi %{{.*}}, %c7
// CHECK: arith.addi %{{.*}}, %[[LOW]] : i32
// CHECK: arith.andi %{{.*}}, %c7
// CHECK-NOT: arith.andi {{.*}}c7
tile.func @skewed_halves(%o: index, %s: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x16xf16, #shared>
  %b = tile.alloc : memref<16x16xf16, strided<[1, 16]>, #shared>
  %v = memref.subview %b[0, 0] [16, 8] [1, 1] : memref<16x16xf16, strided<[1, 16]>, #shared> to memref<16x8xf16, strided<[1, 16]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #fragments>
  %d = tile.dot mma %a, %v, %zero skew[%o, %s] : memref<16x16xf16, #shared>, memref<16x8xf16, strided<[1, 16]>, #shared>, tensor<16x8xf32, #fragments>
  tile.return
}

// On FMA units all threads take the same row: four places, one after the other.
// CHECK-LABEL: gpu.func @skewed_rows
// CHECK-SAME: memref<{{.*}}>{{.*}}, %[[O:[^ :]*]]: index, %[[S:[^ :]*]]: index
// CHECK-COUNT-4: arith.index_cast %[[O]] : index to i32
// CHECK-NOT: arith.index_cast %[[O]]
tile.func @skewed_rows(%y: memref<16x16xf32, #gpu.address_space<global>>, %o: index, %s: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x8xf32, #shared>
  %b = tile.alloc : memref<8x20xf32, #shared>
  %v = memref.subview %b[0, 0] [8, 16] [1, 1] : memref<8x20xf32, #shared> to memref<8x16xf32, strided<[20, 1]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x16xf32, #rows>
  %d = tile.dot fma %a, %v, %zero skew[%o, %s] : memref<16x8xf32, #shared>, memref<8x16xf32, strided<[20, 1]>, #shared>, tensor<16x16xf32, #rows>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : tensor<16x16xf32, #rows>, memref<16x16xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#quads = #tile.blocked<size_per_thread = [1, 4], threads_per_warp = [8, 4], warps = [1, 1]>

// Windows in chunks that begin anywhere: element by element, where the second
// chunk has three elements of four, and no fourth is used.
// CHECK-LABEL: gpu.func @windows
// CHECK-COUNT-4: memref.load
// CHECK:     %[[IN_CHUNK:.*]] = arith.cmpi ult, %{{.*}}, %c3_i32
// CHECK:     arith.select %[[IN_CHUNK]]
// CHECK:     nvvm.mma.sync
// Four neighbouring sums are one store.
// CHECK:     vector.store %{{.*}} : memref<256xf32, #gpu.address_space<global>>, vector<4xf32>
tile.func @windows(%y: memref<16x16xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<2x16x4xf32, #shared>
  %s = tile.alloc : memref<96xf32, #shared>
  %b = tile.view %s[%c0] : memref<96xf32, #shared> to memref<2x16x4xf32, strided<[4, 5, 1], offset: ?>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x16xf32, #quads>
  %d = tile.dot mma_tf32 %a, %b, %zero rows_aligned chunk_sizes [4, 3] : memref<2x16x4xf32, #shared>, memref<2x16x4xf32, strided<[4, 5, 1], offset: ?>, #shared>, tensor<16x16xf32, #quads>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] vector 4 : tensor<16x16xf32, #quads>, memref<16x16xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#squares = #tile.blocked<size_per_thread = [4, 4], threads_per_warp = [4, 8], warps = [1, 1]>

// Windows of three taps, from the last element of a group on: what a thread's four columns use is
// loaded once, one element, a group and another element. For each tap, four rows of a.
// CHECK-LABEL: gpu.func @fma_windows
// CHECK: memref.load
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK: memref.load
// CHECK-NOT: memref.load
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-NOT: {{memref|vector}}.load
// CHECK: math.fma %{{.*}} : vector<16xf32>
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-NOT: {{memref|vector}}.load
// CHECK: math.fma %{{.*}} : vector<16xf32>
// CHECK: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-NOT: {{memref|vector}}.load
// CHECK: math.fma %{{.*}} : vector<16xf32>
// CHECK-NOT: {{memref|vector}}.load
tile.func @fma_windows(%y: memref<16x32xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %w = tile.alloc : memref<3x1x16xf32, #shared>
  %x = tile.alloc : memref<40xf32, #shared>
  %a = memref.transpose %w (t, k, m) -> (m, k, t) : memref<3x1x16xf32, #shared> to memref<16x1x3xf32, strided<[1, 16, 16]>, #shared>
  %b = tile.view %x[%c3] : memref<40xf32, #shared> to memref<1x3x32xf32, strided<[40, 1, 1], offset: ?>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x32xf32, #squares>
  %d = tile.dot fma %a, %b, %zero rows_aligned column_phase 3 : memref<16x1x3xf32, strided<[1, 16, 16]>, #shared>, memref<1x3x32xf32, strided<[40, 1, 1], offset: ?>, #shared>, tensor<16x32xf32, #squares>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32, #squares>, memref<16x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#single = #tile.blocked<size_per_thread = [4, 1], threads_per_warp = [4, 8], warps = [1, 1]>

// Threads whose columns begin anywhere in a group load elements.
// CHECK-LABEL: gpu.func @fma_narrow_windows
// CHECK-COUNT-3: memref.load
// CHECK-NOT: memref.load
tile.func @fma_narrow_windows(%y: memref<16x8xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %w = tile.alloc : memref<3x1x16xf32, #shared>
  %x = tile.alloc : memref<16xf32, #shared>
  %a = memref.transpose %w (t, k, m) -> (m, k, t) : memref<3x1x16xf32, #shared> to memref<16x1x3xf32, strided<[1, 16, 16]>, #shared>
  %b = tile.view %x[%c3] : memref<16xf32, #shared> to memref<1x3x8xf32, strided<[16, 1, 1], offset: ?>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #single>
  %d = tile.dot fma %a, %b, %zero rows_aligned column_phase 3 : memref<16x1x3xf32, strided<[1, 16, 16]>, #shared>, memref<1x3x8xf32, strided<[16, 1, 1], offset: ?>, #shared>, tensor<16x8xf32, #single>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x8xf32, #single>, memref<16x8xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#octets = #tile.blocked<size_per_thread = [1, 8], threads_per_warp = [8, 4], warps = [1, 1]>

// A thread's columns of four instructions are neighbours: one load for each of its two
// rows where they begin a group of 16 bytes, else two; the last three of the first group
// and the first of the second.
//
// Groups are loaded whole, also those of which few elements are used: LLVM would load parts,
// but takes none out of what is frozen.
// WHOLE-LABEL: gpu.func @neighbours
// WHOLE-COUNT-6: llvm.freeze %{{.*}} : vector<4xf32>
// WHOLE-NOT: llvm.freeze
// WHOLE-LABEL: gpu.func @odd_rows
// WHOLE-COUNT-6: llvm.freeze %{{.*}} : vector<2xf16>
//
// CHECK-LABEL: gpu.func @neighbours
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-COUNT-4: nvvm.mma.sync
// CHECK-COUNT-4: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-NOT: vector.load
// CHECK-COUNT-4: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
tile.func @neighbours(%y: memref<16x32xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x8xf32, strided<[12, 1]>, #shared>
  %slab = tile.alloc : memref<8x40xf32, #shared>
  %b = memref.subview %slab[0, 0] [8, 32] [1, 1] : memref<8x40xf32, #shared> to memref<8x32xf32, strided<[40, 1]>, #shared>
  %c = memref.subview %slab[0, 1] [8, 32] [1, 1] : memref<8x40xf32, #shared> to memref<8x32xf32, strided<[40, 1], offset: 1>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x32xf32, #octets>
  %d = tile.dot mma_tf32 %a, %b, %zero rows_aligned column_phase 0 : memref<16x8xf32, strided<[12, 1]>, #shared>, memref<8x32xf32, strided<[40, 1]>, #shared>, tensor<16x32xf32, #octets>
  %e = tile.dot mma_tf32 %a, %c, %d rows_aligned column_phase 1 : memref<16x8xf32, strided<[12, 1]>, #shared>, memref<8x32xf32, strided<[40, 1], offset: 1>, #shared>, tensor<16x32xf32, #octets>
  tile.store %e, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32, #octets>, memref<16x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#quads = #tile.blocked<size_per_thread = [1, 4], threads_per_warp = [8, 4], warps = [1, 1]>

// Rows of 16-bit elements begin at even places and at odd ones in turn: two neighbours
// are a word of one row, and in two words of the next.
// CHECK-LABEL: gpu.func @odd_rows
// CHECK-COUNT-6: vector.load %{{.*}} {alignment = 4 : i64} : {{.*}}, vector<2xf16>
// CHECK-NOT: vector.load
// CHECK-COUNT-2: nvvm.mma.sync
tile.func @odd_rows(%y: memref<16x16xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<2x16x8xf16, strided<[128, 8, 1]>, #shared>
  %b = tile.alloc : memref<16x16xf16, strided<[23, 1]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x16xf32, #quads>
  %d = tile.dot mma %a, %b, %zero rows_aligned column_phase 0 : memref<2x16x8xf16, strided<[128, 8, 1]>, #shared>, memref<16x16xf16, strided<[23, 1]>, #shared>, tensor<16x16xf32, #quads>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x16xf32, #quads>, memref<16x16xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#squares = #tile.blocked<size_per_thread = [4, 4], threads_per_warp = [4, 8], warps = [1, 1]>

// FMA: four rows of a are one load, and so are four columns of b.
// CHECK-LABEL: gpu.func @fma_squares
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-NOT: memref.load
// CHECK: math.fma %{{.*}} : vector<16xf32>
tile.func @fma_squares(%y: memref<16x32xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %w = tile.alloc : memref<1x16xf32, #shared>
  %b = tile.alloc : memref<1x32xf32, #shared>
  %a = memref.transpose %w (i, j) -> (j, i) : memref<1x16xf32, #shared> to memref<16x1xf32, strided<[1, 16]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x32xf32, #squares>
  %d = tile.dot fma %a, %b, %zero rows_aligned column_phase 0 : memref<16x1xf32, strided<[1, 16]>, #shared>, memref<1x32xf32, #shared>, tensor<16x32xf32, #squares>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32, #squares>, memref<16x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#octets = #tile.blocked<size_per_thread = [1, 8], threads_per_warp = [8, 4], warps = [1, 1]>

// Of b with taps, a thread multiplies a run of two channels and three taps of each of its two
// rows of a: three pairs, each for four instructions. Three taps of four columns are in two
// groups of a row of b, each of which is loaded once, where it is first used.
// CHECK-LABEL: gpu.func @taps
// CHECK-COUNT-1: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 8 : i64} : {{.*}}, vector<2xf32>
// CHECK-COUNT-3: nvvm.mma.sync
// CHECK-COUNT-1: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK: nvvm.mma.sync
// CHECK-COUNT-1: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 8 : i64} : {{.*}}, vector<2xf32>
// CHECK-COUNT-4: nvvm.mma.sync
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 8 : i64} : {{.*}}, vector<2xf32>
// CHECK-COUNT-2: nvvm.mma.sync
// CHECK-COUNT-1: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK-COUNT-2: nvvm.mma.sync
// CHECK-NOT: {{vector.load|nvvm.mma.sync}}
// CHECK: gpu.return
tile.func @taps(%y: memref<16x32xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x24xf32, #shared>
  %slab = tile.alloc : memref<352xf32, #shared>
  %b = tile.view %slab[%c0] : memref<352xf32, #shared> to memref<4x2x3x32xf32, strided<[88, 44, 1, 1], offset: ?>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x32xf32, #octets>
  %d = tile.dot mma_tf32 %a, %b, %zero rows_aligned column_phase 0 : memref<16x24xf32, #shared>, memref<4x2x3x32xf32, strided<[88, 44, 1, 1], offset: ?>, #shared>, tensor<16x32xf32, #octets>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32, #octets>, memref<16x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#pairs = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Runs of 16 bytes, of 16-bit elements: one load of each row for both instructions along K.
// CHECK-LABEL: gpu.func @taps_of_whole_loads
// CHECK-COUNT-2: vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<8xf16>
// CHECK-NOT: vector.load
// CHECK-COUNT-2: nvvm.mma.sync
// CHECK-NOT: nvvm.mma.sync
tile.func @taps_of_whole_loads(%y: memref<16x8xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x32xf16, #shared>
  %slab = tile.alloc : memref<384xf16, #shared>
  %b = tile.view %slab[%c0] : memref<384xf16, #shared> to memref<4x4x2x8xf16, strided<[96, 24, 1, 2], offset: ?>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #pairs>
  %d = tile.dot mma %a, %b, %zero rows_aligned : memref<16x32xf16, #shared>, memref<4x4x2x8xf16, strided<[96, 24, 1, 2], offset: ?>, #shared>, tensor<16x8xf32, #pairs>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x8xf32, #pairs>, memref<16x8xf32, #global>
  tile.return
}
