//===- Places.h - Places in a block's memories ------------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_PLACES_H
#define POOLC_LIB_VIRTUALGPU_PLACES_H

#include "Block.h"

namespace poolc::vgpu {

/// An address in words: "byte 4 of shared variable 'tile'", ...
std::string describePlace(const Block &block, Space space, uint64_t address);

/// What is the same for all places of one allocation.
uint64_t placeSubject(const Block &block, Space space, uint64_t address);

/// Where the bytes of global or shared memory are.
const uint8_t *hostAddress(const Block &block, Space space, uint64_t address);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_PLACES_H
