#include <cstdio>

int main() {
  poolc_launch::HeaderProgram program;
  if (int error = program.load())
    std::printf("loaded %d\n", error);
  else
    std::printf("workspace %zu\n", poolc_launch::HeaderProgram::workspaceBytes);
  auto address = [](std::uintptr_t value) { return reinterpret_cast<float *>(value); };
  if (int error = program.launch(address(0x1004), address(0x2000), address(0x3000)); error != 3)
    std::printf("misaligned %d\n", error);
  int error = program.launch(address(0x1000), address(0x2000), address(0x3000), address(0x77));
  std::printf("launched %d\n", error);
}
