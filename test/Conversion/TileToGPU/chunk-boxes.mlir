// RUN: poolc-opt %s --tile-to-gpu --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// The first thread makes objects of as many arrivals as copies tell them, behind all that stores stage,
// and sees what an earlier kernel wrote to the map. It asks for copies and says how many bytes there will
// be; all threads wait for the phase.

// CHECK-LABEL: gpu.func @told
// CHECK-DAG:     %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0 : index
// CHECK-DAG:     memref.view %{{.*}}[%c6144][] : {{.*}} to memref<2xi64,
// CHECK:         scf.if %[[FIRST]] {
// CHECK-COUNT-2:   nvvm.mbarrier.init %{{.*}}, %c3_i32
// CHECK:           nvvm.fence.proxy.acquire <gpu>
// CHECK:         }
// CHECK-NEXT:    gpu.barrier
// CHECK:         scf.if %[[FIRST]] {
// CHECK:           mbarrier.arrive.expect_tx.shared.b64{{.*}} %{{.*}}, %c4096_i32
// CHECK-COUNT-2:   nvvm.cp.async.bulk.tensor.shared.cluster.global
// CHECK:         }
// CHECK:         scf.if %[[FIRST]] {
// CHECK:           mbarrier.arrive.expect_tx.shared.b64{{.*}} %{{.*}}, %c2048_i32
// CHECK:           nvvm.cp.async.bulk.shared.cluster.global
// CHECK:         }
// CHECK:         arith.andi %{{.*}}, %c1_i32
// CHECK:         scf.while
// CHECK:           mbarrier.try_wait.parity
tile.func @told(%map: memref<64xf16, #gpu.address_space<global>>, %w: memref<4x128x8xf16, #gpu.address_space<global>>, %i: index, %p: index) attributes {num_warps = 4 : i64} {
  %s = tile.alloc : memref<2x16x64xf16, #gpu.address_space<workgroup>>
  %v = tile.alloc : memref<128x8xf16, #gpu.address_space<workgroup>>
  %o = tile.objects arrivals 3 maps(%map : memref<64xf16, #gpu.address_space<global>>) : memref<2xi64, #gpu.address_space<workgroup>>
  tile.copy_boxes %map[%i, %i] to %s tells %o[%i] : memref<2xi64, #gpu.address_space<workgroup>> : memref<64xf16, #gpu.address_space<global>> to memref<2x16x64xf16, #gpu.address_space<workgroup>>
  %c0 = arith.constant 0 : index
  tile.copy_runs %w[%i, %c0, %c0] to %v dims [-1, 0, 1] tells %o[%i] : memref<2xi64, #gpu.address_space<workgroup>> : memref<4x128x8xf16, #gpu.address_space<global>> to memref<128x8xf16, #gpu.address_space<workgroup>>
  tile.await %o[%i] phase %p : memref<2xi64, #gpu.address_space<workgroup>>
  tile.return
}

// -----

// Two warps of four have the same chunk, of which one has the first 32 columns of boxes and one the last:
// three boxes are two rounds, of which the second is of as many groups as there are.

// CHECK-LABEL: gpu.func @chunks
// CHECK-COUNT-1: nvgpu.ldmatrix %{{.*}} {numTiles = 4 : i32, transpose = true} : {{.*}} -> vector<4x2xf16>
// CHECK:         nvvm.stmatrix %{{.*}} {{{.*}}layout = #nvvm.mma_layout<row>
// CHECK:         scf.if
// CHECK:           nvgpu.ldmatrix
// CHECK:           nvvm.stmatrix
// CHECK-NOT:     nvgpu.ldmatrix
tile.func @chunks() attributes {num_warps = 4 : i64} {
  %s = tile.alloc : memref<2x16x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<2x96x8xf16, #gpu.address_space<workgroup>>
  tile.chunk_boxes %s to %c : memref<2x16x64xf16, #gpu.address_space<workgroup>> to memref<2x96x8xf16, #gpu.address_space<workgroup>>
  tile.return
}

// -----

// With more chunks than warps, each warp has some of them of all columns. Columns outside are zero.

// CHECK-LABEL: gpu.func @zeros
// CHECK:         nvgpu.ldmatrix
// CHECK-COUNT-4: arith.select %{{.*}}, %{{.*}}, %c0_i32 : i32
// CHECK:         nvvm.stmatrix
// CHECK-COUNT-3: nvgpu.ldmatrix
// CHECK-NOT:     nvgpu.ldmatrix
// CHECK-NOT:     scf.if
tile.func @zeros(%first: index, %end: index) attributes {num_warps = 4 : i64} {
  %s = tile.alloc : memref<1x64x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<8x64x8xf16, #gpu.address_space<workgroup>>
  tile.chunk_boxes %s to %c inside %first, %end : memref<1x64x64xf16, #gpu.address_space<workgroup>> to memref<8x64x8xf16, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @apart(%map: memref<64xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 0, 0, 132>} {
  %s = tile.alloc : memref<2x16x64xf16, #gpu.address_space<workgroup>>
  %o = tile.objects arrivals 1 : memref<2xi64, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected no object to tell in a kernel with warps that only copy}}
  tile.copy_boxes %map[%i, %i] to %s tells %o[%i] : memref<2xi64, #gpu.address_space<workgroup>> : memref<64xf16, #gpu.address_space<global>> to memref<2x16x64xf16, #gpu.address_space<workgroup>>
  tile.return
}
