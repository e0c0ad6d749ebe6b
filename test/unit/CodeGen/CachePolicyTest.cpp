//===- CachePolicyTest.cpp - Reads as inline PTX --------------------------===//
//
// What the backend does with the reads that it no longer knows as such.
//
//===----------------------------------------------------------------------===//

#include "poolc/CodeGen/PTX.h"
#include "poolc/VirtualGPU/VirtualGPU.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstring>

using namespace poolc;
using testing::HasSubstr;

/// Adds x to itself in those of n rounds whose bits are set in `rounds`.
static constexpr char kernel[] = R"(
gpu.module @kernels {
  llvm.func @k(%x: !llvm.ptr<1> {llvm.noalias, llvm.readonly}, %y: !llvm.ptr<1> {llvm.noalias},
               %rounds: i32, %n: i32) attributes {gpu.kernel, nvvm.kernel, passthrough = ["poolc-evict-first"]} {
    %zero = llvm.mlir.constant(0 : i32) : i32
    %one = llvm.mlir.constant(1 : i32) : i32
    %none = llvm.mlir.constant(0.0 : f32) : f32
    llvm.br ^loop(%zero, %none : i32, f32)
  ^loop(%i: i32, %sum: f32):
    %bits = llvm.lshr %rounds, %i : i32
    %bit = llvm.and %bits, %one : i32
    %reads = llvm.icmp "ne" %bit, %zero : i32
    llvm.cond_br %reads, ^read, ^next(%sum : f32)
  ^read:
    %value = llvm.load %x {alignment = 4 : i64} : !llvm.ptr<1> -> f32
    %more = llvm.fadd %sum, %value : f32
    %fence = llvm.inline_asm has_side_effects "membar.cta;", "" : () -> !llvm.void
    llvm.br ^next(%more : f32)
  ^next(%new: f32):
    %j = llvm.add %i, %one : i32
    %again = llvm.icmp "slt" %j, %n : i32
    llvm.cond_br %again, ^loop(%j, %new : i32, f32), ^end
  ^end:
    llvm.store %new, %y {alignment = 4 : i64} : f32, !llvm.ptr<1>
    llvm.return
  }
})";

/// The PTX; `optimized` gets the LLVM IR that the backend starts from.
static std::string emitKernel(std::string &optimized) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::gpu::GPUDialect, mlir::LLVM::LLVMDialect, mlir::NVVM::NVVMDialect>();
  registerPTXTranslations(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(kernel, &context);
  EXPECT_TRUE(bool(module));
  if (!module)
    return "";
  PTXOptions options;
  options.chip = "sm_90";
  options.minVersion = 78;
  options.observe = [&](llvm::StringRef name, llvm::StringRef text) {
    if (name == "optimized.ll")
      optimized = text.str();
    return llvm::Error::success();
  };
  llvm::Expected<PTX> ptx = emitPTX(*module, options);
  EXPECT_TRUE(bool(ptx)) << llvm::toString(ptx.takeError());
  return ptx ? ptx->text : "";
}

template <typename T> static std::vector<uint8_t> bytesOf(T value) {
  std::vector<uint8_t> bytes(sizeof(T));
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

/// Runs the kernel on an x at that address.
static std::string run(vgpu::VirtualGPU &gpu, const std::string &ptx, uint64_t x, uint64_t y,
                       uint32_t rounds) {
  llvm::Expected<std::shared_ptr<const vgpu::Module>> module = gpu.load(ptx, "kernel.ptx");
  if (!module)
    return llvm::toString(module.takeError());
  vgpu::LaunchOptions options;
  options.kernel = "k";
  options.arguments = {bytesOf(x), bytesOf(y), bytesOf(rounds), bytesOf(uint32_t(8))};
  llvm::Expected<vgpu::LaunchResult> result = gpu.launch(**module, options);
  return result ? "" : llvm::toString(result.takeError());
}

/// To LLVM the reads are computations without effects, which may be made earlier than where
/// they are wanted; unless they are convergent.
TEST(CachePolicyTest, ReadsAreConvergent) {
  std::string text;
  emitKernel(text);
  llvm::LLVMContext context;
  llvm::SMDiagnostic error;
  std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(text, error, context);
  ASSERT_TRUE(module) << error.getMessage().str();
  unsigned reads = 0;
  for (const llvm::Instruction &instruction : llvm::instructions(*module->getFunction("k"))) {
    auto *call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    if (!call || !call->isInlineAsm() || !call->doesNotAccessMemory())
      continue;
    auto *assembly = llvm::cast<llvm::InlineAsm>(call->getCalledOperand());
    reads += llvm::StringRef(assembly->getAsmString()).starts_with("ld.global.nc.L2::cache_hint");
    EXPECT_TRUE(call->isConvergent()) << assembly->getAsmString().str();
  }
  EXPECT_GT(reads, 0u);
}

/// What is read under a condition may be outside the tensor without it.
TEST(CachePolicyTest, ReadsStayUnderTheirConditions) {
  std::string optimized, ptx = emitKernel(optimized);
  ASSERT_THAT(ptx, HasSubstr("ld.global.nc.L2::cache_hint.b32"));
  vgpu::VirtualGPU gpu(*lookupGPU("h200"));
  uint64_t x = llvm::cantFail(gpu.allocate({.name = "x", .bytes = 4}));
  uint64_t y = llvm::cantFail(gpu.allocate({.name = "y", .bytes = 4}));
  constexpr uint64_t nowhere = 64;
  EXPECT_EQ(run(gpu, ptx, nowhere, y, 0), "");
  EXPECT_THAT(run(gpu, ptx, nowhere, y, 4), HasSubstr("out-of-bounds global load of 4 bytes"));
  std::vector<uint8_t> sum(4);
  llvm::cantFail(gpu.write(x, bytesOf(1.5f)));
  EXPECT_EQ(run(gpu, ptx, x, y, 7), "");
  llvm::cantFail(gpu.read(y, sum));
  EXPECT_EQ(sum, bytesOf(4.5f));
}
