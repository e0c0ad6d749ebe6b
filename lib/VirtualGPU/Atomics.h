//===- Atomics.h - Handlers of atom and red ---------------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_ATOMICS_H
#define POOLC_LIB_VIRTUALGPU_ATOMICS_H

#include "Program.h"
#include "Type.h"

namespace poolc::vgpu {

enum class Atomic : uint8_t { andBits, orBits, xorBits, cas, exch, add, inc, dec, min, max };

/// dst (or none): the old value, src[0]: address of op.bytes * 8 bits, src[1] and
/// src[2]: operands. Null where the type does not go with the operation.
Handler findAtomic(Atomic operation, Type type);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_ATOMICS_H
