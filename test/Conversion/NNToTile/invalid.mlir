// What nn-to-tile refuses, each with its reason.

// RUN: poolc-opt %s --nn-to-tile --split-input-file --verify-diagnostics

func.func @no_schedule(%x: tensor<1x8x8xf32>) -> tensor<1x4x4xf32> {
  // expected-error@+1 {{'nn.avg_pool2d' op expected a schedule (nn.schedule); run nn-select-schedule first}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<1x8x8xf32>) -> tensor<1x4x4xf32>
  return %y : tensor<1x4x4xf32>
}

// -----

func.func @incomplete_schedule(%x: tensor<1x8x8xf32>) -> tensor<1x4x4xf32> {
  // expected-error@+1 {{'nn.avg_pool2d' op expected a complete schedule, got one without num_warps}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm = direct, block_p = 1,
         block_h = 4, block_w = 4, num_stages = 1, vector = 1, order = w.h.p>} : (tensor<1x8x8xf32>) -> tensor<1x4x4xf32>
  return %y : tensor<1x4x4xf32>
}

// -----

func.func @wrong_order(%x: tensor<1x8x8xf32>) -> tensor<1x4x4xf32> {
  // expected-error@+1 {{expected order to name each of the axes 'whp' once}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm = direct, block_p = 1,
         block_h = 4, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h>} : (tensor<1x8x8xf32>) -> tensor<1x4x4xf32>
  return %y : tensor<1x4x4xf32>
}

// -----

func.func @huge_tile(%x: tensor<1x8x8xf32>) -> tensor<1x4x4xf32> {
  // expected-error@+1 {{'nn.avg_pool2d' op expected a tile of at most 512 elements for num_warps=1}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm = direct, block_p = 1024,
         block_h = 4, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>} : (tensor<1x8x8xf32>) -> tensor<1x4x4xf32>
  return %y : tensor<1x4x4xf32>
}

// -----

func.func @other_operation(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{'arith.addf' op expected an operation that has a lowering to tiles}}
  %y = arith.addf %x, %x {nn.schedule = #nn.schedule<algorithm = direct>} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// expected-error@+1 {{'func.func' op expected arguments and results to be ranked tensors of f32, f16 or bf16 without encoding, got 'i32'}}
func.func @number(%x: i32) {
  return
}

// -----

// expected-error@+1 {{got 'tensor<*xf32>'}}
func.func @unranked(%x: tensor<*xf32>) {
  return
}

// -----

// expected-error@+1 {{'func.func' op expected arguments and results of fewer than 2^63 bytes, got 'tensor<4294967296x4294967296xf32>'}}
func.func @huge(%x: tensor<4294967296x4294967296xf32>) -> tensor<4294967296x4294967296xf32> {
  return %x : tensor<4294967296x4294967296xf32>
}

// -----

// expected-error@+1 {{'func.func' op expected a body of one block}}
func.func private @declaration(%x: tensor<4xf32>)

// -----

// expected-error@+1 {{'func.func' op expected a body of one block}}
func.func @blocks(%x: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^next
^next:
  return %x : tensor<4xf32>
}

// -----

func.func @no_return(%x: tensor<4xf32>) {
  // expected-error@+1 {{'llvm.unreachable' op expected func.return at the end of the function}}
  llvm.unreachable
}
