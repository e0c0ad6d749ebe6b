//===- Npy.cpp - Any bytes as a .npy file ---------------------------------===//

#include "poolc/Runtime/Npy.h"

#include <cstdlib>

using namespace poolc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  llvm::Expected<NpyArray> array = NpyArray::parse(llvm::MemoryBuffer::getMemBufferCopy(bytes));
  if (!array) {
    llvm::consumeError(array.takeError());
    return 0;
  }
  // What was read can be written and read again.
  std::string text;
  llvm::raw_string_ostream os(text);
  writeNpyHeader(os, array->type, array->shape);
  text.append(array->data.begin(), array->data.end());
  llvm::Expected<NpyArray> again = NpyArray::parse(llvm::MemoryBuffer::getMemBufferCopy(text));
  if (!again || again->type != array->type || again->shape != array->shape ||
      again->data != array->data)
    std::abort();
  return 0;
}
