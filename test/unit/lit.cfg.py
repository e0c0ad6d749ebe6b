"""How lit finds and runs poolc's GoogleTest programs: those named *Tests in the build tree."""

import os

import lit.formats

config.name = "poolc-unit"
config.test_format = lit.formats.GoogleTest(".", "Tests")
config.suffixes = []
config.test_source_root = os.path.join(config.poolc_build_dir, "test", "unit")
config.test_exec_root = config.test_source_root

# In sanitized builds: MLIR's packaged libraries are not instrumented, so what
# they share with our code through inline functions looks poisoned.
config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0:detect_container_overflow=0"
