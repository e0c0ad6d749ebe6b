// RUN: poolc-opt %s --tile-to-gpu --split-input-file --verify-diagnostics | FileCheck %s

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [4, 1]>
#row = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [4]>

// Two allocations, one after the other, each at a multiple of 128 bytes: the
// first spans 3 * 40 + 33 = 153 floats, 612 bytes.
// CHECK-LABEL: func.func @main
// CHECK: gpu.launch_func @kernels::@copies {{.*}} dynamic_shared_memory_size %[[BYTES:.*]] args
// CHECK-LABEL: gpu.func @copies
func.func @main(%x: memref<16x100xf32, #global>) {
  %c1 = arith.constant 1 : index
  tile.launch @copies grid(%c1, %c1, %c1) args(%x) : memref<16x100xf32, #global>
  return
}
// CHECK: %[[OFFSET1:.*]] = arith.constant 640 : index
// CHECK: memref.view %{{.*}}[%[[OFFSET1]]][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<64xf32
tile.func @copies(%x: memref<16x100xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<4x33xf32, strided<[40, 1]>, #shared>
  %b = tile.alloc : memref<64xf32, #shared>
  // Asynchronous: the elements outside of x have no source bytes; threads
  // beyond the 33 columns copy nothing.
  // CHECK: %[[INSIDE:.*]] = arith.cmpi slt, %{{.*}}, %c100
  // CHECK: %[[COUNT:.*]] = arith.select %[[INSIDE]], %c1, %c0
  // CHECK: nvgpu.device_async_copy %{{.*}}, %{{.*}}, 1, %[[COUNT]]
  // CHECK: scf.if
  // CHECK: nvgpu.device_async_copy
  tile.copy async %x[%c0, %c0] to %a dims [0, 1] strides [1, 1] guards [none, high] coordinate_bits 32 layout #rows
    : memref<16x100xf32, #global> to memref<4x33xf32, strided<[40, 1]>, #shared>
  tile.copy async %x[%c0, %c0] to %b dims [-1, 0] strides [1, 1] layout #row
    : memref<16x100xf32, #global> to memref<64xf32, #shared>
  // CHECK: nvvm.cp.async.commit.group
  tile.async_commit
  // CHECK: nvvm.cp.async.wait.group 2
  tile.async_wait 2
  // CHECK: gpu.barrier
  tile.barrier
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [4, 1]>

// Through a register, transposed: neighbours along x are a pitch of 24 apart.
// CHECK-LABEL: gpu.func @transposed
// CHECK: %[[LOADED:.*]] = memref.load %{{.*}} : memref<1600xf16, #gpu.address_space<global>>
// CHECK: memref.store %[[LOADED]], %{{.*}} : memref<{{.*}}xf16, #gpu.address_space<workgroup>>
tile.func @transposed(%x: memref<16x100xf16, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x32xf16, strided<[1, 24]>, #shared>
  tile.copy %x[%c0, %c0] to %a dims [0, 1] strides [1, 1] guards [none, none] layout #rows
    : memref<16x100xf16, #global> to memref<16x32xf16, strided<[1, 24]>, #shared>
  tile.return
}

// -----

#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [4, 1]>

// CHECK-LABEL: gpu.func @any
// CHECK: %[[OWN:.*]] = vector.reduction <or>
// CHECK: %[[WIDE:.*]] = arith.extui %[[OWN]] : i1 to i32
// CHECK: %[[ANY:.*]] = nvvm.barrier #nvvm.reduction<or> %[[WIDE]] -> i32
// CHECK: arith.cmpi ne, %[[ANY]]
tile.func @any(%x: memref<4x64xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %t = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] : memref<4x64xf32, #global> -> tensor<4x64xf32, #rows>
  %nan = arith.cmpf uno, %t, %t : tensor<4x64xf32, #rows>
  %any = tile.any %nan : tensor<4x64xi1, #rows>
  scf.if %any {
    tile.store %t, %x[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<4x64xf32, #rows>, memref<4x64xf32, #global>
  }
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#groups = #tile.blocked<size_per_thread = [1, 4], threads_per_warp = [8, 4], warps = [1, 1]>

// Rows of 101 floats: each thread's group begins at the multiple of 4 before
// its element, in memory and in shared memory. As much of it is copied as is before
// the end of the row.
// CHECK-LABEL: gpu.func @skewed
// CHECK: %[[INDEX:.*]] = arith.index_cast %{{.*}} : index to i32
// CHECK: %[[SKEW:.*]] = arith.andi %{{.*}}, %c3
// CHECK: %[[BEGIN:.*]] = arith.subi %{{.*}}, %[[SKEW]]
// CHECK: %[[REST:.*]] = arith.subi %c101{{.*}}, %[[BEGIN]]
// CHECK: %[[ATMOST:.*]] = arith.minsi %[[REST]], %c4
// CHECK: %[[ELEMENTS:.*]] = arith.maxsi %[[ATMOST]], %c0
// CHECK: %[[COUNT:.*]] = arith.index_castui %[[ELEMENTS]]
// CHECK: %[[TO:.*]] = arith.andi %{{.*}}, %c-4
// CHECK: %[[FROM:.*]] = arith.andi %{{.*}}, %c-4
// CHECK: nvgpu.device_async_copy %{{.*}}[%[[FROM]]], %{{.*}}[%[[TO]]], 4, %[[COUNT]] {bypassL1}
tile.func @skewed(%x: memref<8x101xf32, #global>, %i: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<8x16xf32, strided<[21, 1]>, #shared>
  tile.copy async %x[%c0, %i] to %a dims [0, 1] strides [1, 1] guards [none, high] coordinate_bits 32 vector 4 skewed layout #groups
    : memref<8x101xf32, #global> to memref<8x16xf32, strided<[21, 1]>, #shared>
  tile.return
}

// A group that begins up to 3 elements before the row is copied, whole ones are not.
// CHECK-LABEL: gpu.func @begins
// CHECK: %[[SKEW:.*]] = arith.andi %{{.*}}, %c3
// CHECK: %[[BEGIN:.*]] = arith.subi %{{.*}}, %[[SKEW]]
// CHECK: %[[BEFORE:.*]] = arith.subi %c0{{.*}}, %c4
// CHECK: %[[INSIDE:.*]] = arith.cmpi sgt, %[[BEGIN]], %[[BEFORE]]
// CHECK: %[[COUNT:.*]] = arith.select %[[INSIDE]], %c4{{.*}}, %c0
// CHECK: nvgpu.device_async_copy {{.*}}, 4, %[[COUNT]]
tile.func @begins(%x: memref<8x101xf32, #global>, %i: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<8x16xf32, strided<[21, 1]>, #shared>
  tile.copy async %x[%c0, %i] to %a dims [0, 1] strides [1, 1] guards [none, low] coordinate_bits 32 vector 4 skewed layout #groups
    : memref<8x101xf32, #global> to memref<8x16xf32, strided<[21, 1]>, #shared>
  tile.return
}

// Of rows that are not skewed, whole groups before the columns' end are copied; it lies %e further,
// and may lie before the row.
// CHECK-LABEL: gpu.func @ends
// CHECK-SAME: index, %[[E:[^ :]*]]: index)
// CHECK: %[[FURTHER:.*]] = arith.index_cast %[[E]] : index to i32
// CHECK: %[[END:.*]] = arith.addi %{{.*}}, %[[FURTHER]]
// CHECK: %[[INROW:.*]] = arith.minsi %c104{{.*}}, %[[END]]
// CHECK: %[[ATLEAST:.*]] = arith.maxsi %[[INROW]], %c0
// CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %{{.*}}, %[[ATLEAST]]
// CHECK: %[[COUNT:.*]] = arith.select %[[INSIDE]], %c4{{.*}}, %c0
// CHECK: nvgpu.device_async_copy {{.*}}, 4, %[[COUNT]]
tile.func @ends(%x: memref<8x104xf32, #global>, %i: index, %e: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<8x16xf32, #shared>
  tile.copy async %x[%c0, %i] to %a dims [0, 1] strides [1, 1] guards [none, both] coordinate_bits 32 vector 4 columns [0, 13] end_shift %e layout #groups
    : memref<8x104xf32, #global> to memref<8x16xf32, #shared>
  tile.return
}

// 64 elements by 32 threads: element 4r + e clears column %j - 4 + e of row r, which
// lies (%o + r * %s) mod 4 elements further, unless that is beyond the row.
// CHECK-LABEL: gpu.func @clear
// CHECK-SAME: %[[J:[^ :]*]]: index, %[[O:[^ :]*]]: index, %[[S:[^ :]*]]: index
// CHECK: %[[ROW:.*]] = arith.divui %[[E:.*]], %c4
// CHECK: %[[FIRST:.*]] = arith.subi %[[J]], %c4
// CHECK: %[[OF:.*]] = arith.remui %[[E]], %c4
// CHECK: %[[COLUMN:.*]] = arith.addi %[[FIRST]], %{{.*}} : index
// CHECK: %[[STEPS:.*]] = arith.muli %[[ROW]], %{{.*}} : i32
// CHECK: %[[SUM:.*]] = arith.addi %{{.*}}, %[[STEPS]]
// CHECK: %[[SKEW:.*]] = arith.andi %[[SUM]], %c3
// CHECK: %[[FURTHER:.*]] = arith.index_castui %[[SKEW]]
// CHECK: %[[PLACE:.*]] = arith.addi %[[COLUMN]], %[[FURTHER]] : index
// CHECK: %[[EXISTS:.*]] = arith.cmpi ult, %[[PLACE]], %c20
// CHECK: scf.if %[[EXISTS]] {
// CHECK:   arith.muli %[[ROW]], %c24
// CHECK:   memref.store %cst{{.*}}, %{{.*}} : memref<380xf32
// CHECK: }
// CHECK: scf.if
// CHECK-NOT: scf.if
tile.func @clear(%j: index, %o: index, %s: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x20xf32, strided<[24, 1]>, #shared>
  tile.clear %a before %j count 4 skew [%o, %s] : memref<16x20xf32, strided<[24, 1]>, #shared>
  tile.return
}

// Of 16 columns only those from 2 to 14 are needed: groups that end before the second
// are not read, nor what is beyond the end of the row or of the columns.
// CHECK-LABEL: gpu.func @columns
// CHECK-SAME: %[[I:[^ :]*]]: index
// CHECK: %[[I2:.*]] = arith.addi %{{.*}}, %c2
// CHECK: %[[I14:.*]] = arith.addi %{{.*}}, %c14
// CHECK: %[[END:.*]] = arith.minsi %c101{{.*}}, %[[I14]]
// CHECK: %[[BEFORE:.*]] = arith.subi %[[I2]], %c4
// CHECK: arith.cmpi sgt, %{{.*}}, %[[BEFORE]]
// CHECK: arith.subi %[[END]], %{{.*}}
tile.func @columns(%x: memref<8x101xf32, #global>, %i: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<8x16xf32, strided<[24, 1]>, #shared>
  tile.copy async %x[%c0, %i] to %a dims [0, 1] strides [1, 1] guards [none, high] coordinate_bits 32 vector 4 skewed columns [2, 14] layout #groups
    : memref<8x101xf32, #global> to memref<8x16xf32, strided<[24, 1]>, #shared>
  tile.return
}

// Their end may lie further, as only a run knows.
// CHECK-LABEL: gpu.func @shifted_end
// CHECK-SAME: %[[I:[^ :]*]]: index, %[[SHIFT:[^ :]*]]: index
// CHECK: %[[I9:.*]] = arith.addi %{{.*}}, %c9
// CHECK: %[[SHIFTED:.*]] = arith.addi %[[I9]], %{{.*}}
// CHECK: arith.minsi %c101{{.*}}, %[[SHIFTED]]
tile.func @shifted_end(%x: memref<8x101xf32, #global>, %i: index, %shift: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<8x16xf32, strided<[24, 1]>, #shared>
  tile.copy async %x[%c0, %i] to %a dims [0, 1] strides [1, 1] guards [none, high] coordinate_bits 32 vector 4 skewed columns [0, 9] end_shift %shift layout #groups
    : memref<8x101xf32, #global> to memref<8x16xf32, strided<[24, 1]>, #shared>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#groups = #tile.blocked<size_per_thread = [1, 4], threads_per_warp = [1, 32], warps = [4, 1]>

// Of groups in shared memory, LLVM shall not load parts, of those in global memory it may.
// CHECK-LABEL: gpu.func @groups
// CHECK: %[[GLOBAL:.*]] = vector.load %{{.*}} : memref<2048xf32, #gpu.address_space<global>>, vector<4xf32>
// CHECK-NOT: llvm.freeze
// CHECK: %[[GROUP:.*]] = vector.load %{{.*}} : memref<{{.*}}xf32, #gpu.address_space<workgroup>>, vector<4xf32>
// CHECK-NEXT: llvm.freeze %[[GROUP]] : vector<4xf32>
tile.func @groups(%x: memref<16x128xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<4x128xf32, #shared>
  %t = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] vector 4 : memref<16x128xf32, #global> -> tensor<4x128xf32, #groups>
  tile.store %t, %a[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] vector 4 : tensor<4x128xf32, #groups>, memref<4x128xf32, #shared>
  tile.barrier
  %s = tile.load %a[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] vector 4 : memref<4x128xf32, #shared> -> tensor<4x128xf32, #groups>
  tile.store %s, %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] vector 4 : tensor<4x128xf32, #groups>, memref<16x128xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#dealt = #tile.blocked<threads = [3, 40], size_per_thread = [1, 4], threads_per_warp = [1, 32], warps = [4, 1]>

// 120 threads are 3 x 40 and copy three rows at a time; of 40 lanes 34 have a group. The last of
// eight rows are two.
// CHECK-LABEL: gpu.func @dealt
// CHECK: %[[COLUMN:.*]] = arith.remui %[[THREAD:.*]], %c40{{.*}} : i32
// CHECK: %[[ROW:.*]] = arith.divui %[[THREAD]], %c40
// CHECK: %[[FIRST:.*]] = arith.muli %[[COLUMN]], %c4
// CHECK: %[[IS_ROW:.*]] = arith.cmpi slt, %[[ROW]], %c3
// CHECK: %[[IS_COLUMN:.*]] = arith.cmpi slt, %[[FIRST]], %c136
// CHECK: %[[IS_LAST:.*]] = arith.cmpi slt, %[[ROW]], %c2
// CHECK: scf.if
// CHECK-COUNT-1: nvgpu.device_async_copy
// CHECK: scf.if
// CHECK: nvgpu.device_async_copy
// CHECK: scf.if
// CHECK: nvgpu.device_async_copy
// CHECK-NOT: nvgpu.device_async_copy
tile.func @dealt(%x: memref<64x400xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<8x136xf32, strided<[140, 1]>, #shared>
  tile.copy async %x[%c0, %c0] to %a dims [0, 1] strides [1, 1] guards [none, none] vector 4 layout #dealt
    : memref<64x400xf32, #global> to memref<8x136xf32, strided<[140, 1]>, #shared>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#row = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [4]>

// What is reused lies where the first allocation does, and takes no more than all of them.
// CHECK-LABEL: func.func @twice
// CHECK: %[[BYTES:.*]] = arith.constant 768 : i32
// CHECK: gpu.launch_func @kernels::@again {{.*}} dynamic_shared_memory_size %[[BYTES]] args
// CHECK-LABEL: gpu.func @again
func.func @twice(%x: memref<160xf32, #global>) {
  %c1 = arith.constant 1 : index
  tile.launch @again grid(%c1, %c1, %c1) args(%x) : memref<160xf32, #global>
  return
}
// CHECK: gpu.dynamic_shared_memory
// CHECK-NEXT: %[[BEGIN:.*]] = arith.constant 0 : index
// CHECK-NEXT: memref.view %{{.*}}[%[[BEGIN]]][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<160xf32
tile.func @again(%x: memref<160xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<64xf32, #shared>
  %b = tile.alloc : memref<128xf32, #shared>
  %r = tile.alloc reused : memref<160xf32, #shared>
  tile.copy async %x[%c0] to %r dims [0] strides [1] layout #row
    : memref<160xf32, #global> to memref<160xf32, #shared>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>

// Copies of 16 bytes go around the L1, but for those of weights that stay there.
// CHECK-LABEL: gpu.func @by_l1
// CHECK: nvgpu.device_async_copy {{.*}}, 4 {bypassL1}
// CHECK: nvgpu.device_async_copy {{.*}}, 4 :
tile.func @by_l1(%x: memref<1x128xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %s = tile.alloc : memref<1x128xf32, #shared>
  %t = tile.alloc : memref<1x128xf32, #shared>
  tile.copy async %x[%c0, %c0] to %s dims [0, 1] strides [1, 1] guards [none, none] vector 4 layout <size_per_thread = [1, 4], threads_per_warp = [1, 32], warps = [1, 1]> : memref<1x128xf32, #global> to memref<1x128xf32, #shared>
  tile.copy async %x[%c0, %c0] to %t dims [0, 1] strides [1, 1] guards [none, none] vector 4 layout <size_per_thread = [1, 4], threads_per_warp = [1, 32], warps = [1, 1]> {tile.by_l1} : memref<1x128xf32, #global> to memref<1x128xf32, #shared>
  tile.return
}
