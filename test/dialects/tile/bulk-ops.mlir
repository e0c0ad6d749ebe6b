// RUN: poolc-opt %s | poolc-opt | FileCheck %s

// CHECK-LABEL: tile.func @bulk
tile.func @bulk(%x: memref<32x1x512x4000xf16, #gpu.address_space<global>>, %map: memref<64xf16, #gpu.address_space<global>>,
                %w: memref<8x8x1024x8xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  // CHECK: tile.make_map %{{.*}} to %{{.*}} rows 64 columns 64 swizzled : memref<32x1x512x4000xf16
  tile.make_map %x to %map rows 64 columns 64 swizzled : memref<32x1x512x4000xf16, #gpu.address_space<global>>, memref<64xf16, #gpu.address_space<global>>
  // CHECK: tile.make_map %{{.*}} to %{{.*}} rows 32 columns 136 : memref<32x1x512x4000xf16
  tile.make_map %x to %map rows 32 columns 136 : memref<32x1x512x4000xf16, #gpu.address_space<global>>, memref<64xf16, #gpu.address_space<global>>
  %s = tile.alloc : memref<2x64x64xf16, #gpu.address_space<workgroup>>
  %a = tile.alloc : memref<8x256x8xf16, #gpu.address_space<workgroup>>
  // CHECK: tile.copy_boxes %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] to %{{.*}} : memref<64xf16
  tile.copy_boxes %map[%i, %i, %i, %i] to %s : memref<64xf16, #gpu.address_space<global>> to memref<2x64x64xf16, #gpu.address_space<workgroup>>
  // CHECK: tile.copy_boxes %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] to %{{.*}} joined 1600 : memref<64xf16
  tile.copy_boxes %map[%i, %i, %i, %i] to %s joined 1600 : memref<64xf16, #gpu.address_space<global>> to memref<2x64x64xf16, #gpu.address_space<workgroup>>
  // CHECK: tile.copy_runs %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] to %{{.*}} dims [-1, 0, 1, 2] : memref<8x8x1024x8xf16
  tile.copy_runs %w[%i, %i, %i, %i] to %a dims [-1, 0, 1, 2] : memref<8x8x1024x8xf16, #gpu.address_space<global>> to memref<8x256x8xf16, #gpu.address_space<workgroup>>
  tile.barrier
  %zero = arith.constant dense<0.0> : tensor<256x128xf32, #tile.blocked<repeats = 2, size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>>
  // CHECK: tile.dot wgmma {{.*}} rows_aligned swizzled : {{.*}}<repeats = 2, size_per_thread = [2, 1]
  %sum = tile.dot wgmma %a, %s, %zero rows_aligned swizzled : memref<8x256x8xf16, #gpu.address_space<workgroup>>, memref<2x64x64xf16, #gpu.address_space<workgroup>>, tensor<256x128xf32, #tile.blocked<repeats = 2, size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>>
  // CHECK: tile.add_boxes %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}] through %{{.*}} rows 32 : tensor<256x128xf32
  %more = tile.add_boxes %sum, %map[%i, %i, %i, %i] through %s rows 32 : tensor<256x128xf32, #tile.blocked<repeats = 2, size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>>, memref<64xf16, #gpu.address_space<global>>, memref<2x64x64xf16, #gpu.address_space<workgroup>>
  %stages = tile.alloc : memref<3x64x128xf16, #gpu.address_space<workgroup>>
  %stage = arith.constant 1 : i32
  // CHECK: tile.add_boxes %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}] through %{{.*}} stage %{{.*}} rows 64 : tensor<256x128xf32
  %most = tile.add_boxes %more, %map[%i, %i] through %stages stage %stage rows 64 : tensor<256x128xf32, #tile.blocked<repeats = 2, size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>>, memref<64xf16, #gpu.address_space<global>>, memref<3x64x128xf16, #gpu.address_space<workgroup>>
  tile.return
}

// CHECK-LABEL: tile.func @joined
tile.func @joined(%y: memref<2x32x96xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // CHECK: tile.store {{.*}} staged map %{{.*}} : memref<32xf32, #gpu.address_space<global>> joined : tensor<16x64xf32>
  tile.store %t, %y[%i, %i, %i] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> joined : tensor<16x64xf32>, memref<2x32x96xf32, #gpu.address_space<global>>
  tile.return
}
