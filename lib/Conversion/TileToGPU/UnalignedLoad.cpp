//===- UnalignedLoad.cpp - 16 bytes from anywhere in shared memory --------===//
//
// An access of 16 bytes must be aligned. What begins at a multiple of 4 or 8 bytes is
// loaded in parts of as much: the lanes of different groups of eight take theirs in
// different orders, so that together they meet every bank once,
//
//   lanes 0-7:    part 0 of each of 8 x 16 bytes, 1, 2, 3       (4 bytes each)
//   lanes 8-15:   part 1, 2, 3, 0
//   ...
//
// What begins at an odd multiple of 2 bytes is shifted out of the two aligned groups that hold it.
//
//===----------------------------------------------------------------------===//

#include "UnalignedLoad.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace poolc;

static constexpr int64_t groupBytes = 16, wordBytes = 4, wordsPerGroup = groupBytes / wordBytes;

static Value number(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIntOp::create(b, value, 32);
}
static Value index(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}
static Value bitAnd(ImplicitLocOpBuilder &b, Value a, int64_t mask) {
  return arith::AndIOp::create(b, a, number(b, mask));
}
static Value isSet(ImplicitLocOpBuilder &b, Value a, int64_t bit) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bitAnd(b, a, bit), number(b, 0));
}
static Value low(ImplicitLocOpBuilder &b, Value a) {
  return arith::IndexCastOp::create(b, b.getI32Type(), a);
}

/// words[i + distance], cyclically, where the condition holds, else words[i].
static SmallVector<Value> advance(ImplicitLocOpBuilder &b, ArrayRef<Value> words, Value condition,
                                  int64_t distance, int64_t count) {
  SmallVector<Value> result;
  for (int64_t i = 0; i != count; ++i)
    result.push_back(arith::SelectOp::create(
        b, condition, words[(i + distance) % int64_t(words.size())], words[i]));
  return result;
}

UnalignedLoader::UnalignedLoader(ImplicitLocOpBuilder &b, Value buffer, Value place, int64_t factor)
    : b(b), buffer(buffer), place(place),
      element(cast<MemRefType>(buffer.getType()).getElementType()), factor(factor),
      elementBytes(element.getIntOrFloatBitWidth() / 8) {
  if (factor * elementBytes >= groupBytes)
    places.push_back(place);
  else if (factor * elementBytes >= wordBytes)
    prepareParts();
  else
    prepareShift();
}

/// Parts of `factor` elements.
void UnalignedLoader::prepareParts() {
  int64_t parts = groupBytes / (factor * elementBytes);
  Value octet = arith::ShRUIOp::create(b, low(b, gpu::ThreadIdOp::create(b, gpu::Dimension::x)),
                                       number(b, 3));
  Value ofPlace = arith::ShRUIOp::create(b, low(b, place), number(b, llvm::Log2_64(factor)));
  // The i-th load is of part (i + turn) % parts, so octets differ in its place modulo parts.
  Value turn = bitAnd(b, arith::SubIOp::create(b, octet, ofPlace), parts - 1);
  for (int64_t i = 0; i != parts; ++i) {
    Value part = bitAnd(b, arith::AddIOp::create(b, turn, number(b, i)), parts - 1);
    part = arith::IndexCastUIOp::create(b, b.getIndexType(), part);
    places.push_back(
        arith::AddIOp::create(b, place, arith::MulIOp::create(b, part, index(b, factor))));
  }
  for (int64_t bit = 1; bit != parts; bit *= 2)
    moves.push_back(isSet(b, turn, bit));
}

/// Of 16-bit elements, two groups.
void UnalignedLoader::prepareShift() {
  int64_t perGroup = groupBytes / elementBytes;
  Value first = arith::AndIOp::create(b, place, index(b, -perGroup));
  Value skew = bitAnd(b, low(b, place), perGroup - 1);
  // Behind what is aligned there may be nothing.
  Value isAligned = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, skew, number(b, 0));
  Value second = arith::AddIOp::create(b, first, index(b, perGroup));
  places = {first, arith::SelectOp::create(b, isAligned, first, second)};
  moves = {isSet(b, skew, 4), isSet(b, skew, 2)};
  constexpr int64_t elementBits = 16;
  bits = arith::MulIOp::create(b, bitAnd(b, skew, 1), number(b, elementBits));
}

UnalignedLoader::Words UnalignedLoader::loadWords(Value at, int64_t count) {
  int64_t bytes = count * wordBytes;
  auto type = VectorType::get(bytes / elementBytes, element);
  Value loaded =
      vector::LoadOp::create(b, type, buffer, at, /*nontemporal=*/false, llvm::MaybeAlign(bytes));
  loaded = vector::BitCastOp::create(b, VectorType::get(count, b.getI32Type()), loaded);
  Words words;
  for (int64_t i = 0; i != count; ++i)
    words.push_back(vector::ExtractOp::create(b, loaded, i));
  return words;
}

UnalignedLoader::Words UnalignedLoader::loadParts(int64_t distance) {
  Words loaded;
  int64_t words = wordsPerGroup / int64_t(places.size());
  for (Value part : places)
    llvm::append_range(loaded,
                       loadWords(arith::AddIOp::create(b, part, index(b, distance)), words));
  // Part j came with load (j - turn) % parts.
  for (auto [i, move] : llvm::enumerate(moves))
    loaded = advance(b, loaded, move, wordsPerGroup - (words << i), wordsPerGroup);
  return loaded;
}

UnalignedLoader::Words UnalignedLoader::loadShifted(int64_t distance) {
  Words words;
  for (Value group : places)
    llvm::append_range(
        words, loadWords(arith::AddIOp::create(b, group, index(b, distance)), wordsPerGroup));
  words = advance(b, words, moves[0], 2, wordsPerGroup + 2);
  words = advance(b, words, moves[1], 1, wordsPerGroup + 1);
  Words shifted;
  for (int64_t i = 0; i != wordsPerGroup; ++i)
    shifted.push_back(LLVM::FshrOp::create(b, words[i + 1], words[i], bits));
  return shifted;
}

Value UnalignedLoader::load(int64_t distance) {
  Words words = bits ? loadShifted(distance) : loadParts(distance);
  Value all =
      vector::FromElementsOp::create(b, VectorType::get(wordsPerGroup, b.getI32Type()), words);
  return vector::BitCastOp::create(b, VectorType::get(groupBytes / elementBytes, element), all);
}
