#include <cstdio>

int main() {
  poolc_launch::HeaderDynamicProgram program;
  program.load();
  std::printf("workspace %zu\n", program.workspaceBytes(3, 9));
  auto address = [](std::uintptr_t value) { return reinterpret_cast<float *>(value); };
  auto launch = [&](std::int64_t n, std::int64_t l) {
    return program.launch(address(0x1000), address(0x2000), n, l, address(0x3000), address(0x77));
  };
  std::printf("N too large %d\n", launch(1001, 4));
  std::printf("L too small %d\n", launch(3, 3));
  std::printf("N * L too large %d\n", launch(1000, 6));
  std::printf("overflow %d\n", launch(1000, INT64_MAX / 999));
  std::printf("no rows %d\n", launch(0, 4));
  std::printf("launched %d\n", launch(3, 9));
}
