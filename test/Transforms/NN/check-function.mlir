// RUN: poolc-opt --allow-unregistered-dialect %s --nn-check-function --split-input-file --verify-diagnostics | FileCheck %s

// The only function, which may also return what it gets.

// CHECK-LABEL: func.func @pool
// CHECK-NEXT: nn.avg_pool2d
// CHECK-NEXT: return
func.func @pool(%x: tensor<2x8x8xf32>) -> (tensor<2x4x4xf32>, tensor<2x8x8xf32>) {
  %0 = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  return %0, %x : tensor<2x4x4xf32>, tensor<2x8x8xf32>
}

// -----

// Private functions and declarations go without a word.

// CHECK: module {
// CHECK-NEXT: func.func @only
// CHECK-NOT: func.func
func.func private @helper() { return }
func.func private @declared()
func.func @only(%x: tensor<2x8x8xf32>) -> tensor<2x8x8xf32> {
  return %x : tensor<2x8x8xf32>
}

// -----

// CHECK: module {
// CHECK-NEXT: func.func @main
// CHECK-NOT: func.func
// expected-warning @below {{@first is not compiled, only @main is}}
func.func @first(%x: index) { return }
func.func @main(%x: tensor<2x8x8xf32>) -> tensor<2x8x8xf32> {
  return %x : tensor<2x8x8xf32>
}

// -----

func.func @first() { return }
// expected-error @below {{'func.func' op expected one public function, or one of them named main, got @first and @second}}
func.func @second() { return }

// -----

// expected-error @below {{expected a public function to compile, got none}}
module {
  func.func private @main() { return }
}

// -----

// expected-error @below {{expected a public function to compile, got none}}
module {}

// -----

func.func @f(%x: tensor<2x8x8xf32>) -> tensor<2x8x8xf32> {
  return %x : tensor<2x8x8xf32>
}
// expected-error @below {{'memref.global' op expected only functions in the module}}
memref.global "private" @g : memref<2xf32>

// -----

// expected-error @below {{'func.func' op expected argument 1 to be a ranked tensor of f32, f16 or bf16 without encoding, got 'index'}}
func.func @f(%x: tensor<2x8x8xf32>, %i: index) -> tensor<2x8x8xf32> {
  return %x : tensor<2x8x8xf32>
}

// -----

// expected-error @below {{'func.func' op expected result 0 to be a ranked tensor of f32, f16 or bf16 without encoding, got 'tensor<*xf32>'}}
func.func @f() -> tensor<*xf32> {
  %x = "test.source"() : () -> tensor<*xf32>
  return %x : tensor<*xf32>
}

// -----

// expected-error @below {{'func.func' op expected at least one result, got none}}
func.func @f(%x: tensor<2x8x8xf32>) {
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) -> tensor<2x8x8xf32> {
  // expected-error @below {{'arith.addf' op expected only nn operations and a return in @f}}
  %0 = arith.addf %x, %x : tensor<2x8x8xf32>
  return %0 : tensor<2x8x8xf32>
}

// -----

func.func private @helper(%x: tensor<2x8x8xf32>) -> tensor<2x8x8xf32> {
  return %x : tensor<2x8x8xf32>
}
func.func @f(%x: tensor<2x8x8xf32>) -> tensor<2x8x8xf32> {
  // expected-error @below {{'func.call' op expected only nn operations and a return in @f}}
  %0 = call @helper(%x) : (tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  return %0 : tensor<2x8x8xf32>
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) -> tensor<2x8x8xf32> {
  // expected-error @below {{'llvm.unreachable' op expected only nn operations and a return in @f}}
  llvm.unreachable
}

// -----

// expected-error @below {{'func.func' op expected a body of one block, got 2}}
func.func @f(%x: tensor<2x8x8xf32>) -> tensor<2x8x8xf32> {
  cf.br ^exit
^exit:
  return %x : tensor<2x8x8xf32>
}
