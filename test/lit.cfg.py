"""How lit finds and runs poolc's tests: IR tests here, GoogleTest programs in the build tree."""

import os
import shutil
import sys

import lit.formats
from lit.llvm import llvm_config  # noqa: F401  (makes lit's LLVM helpers importable by tests)

config.name = "poolc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".ptx"]
config.excludes = ["Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.poolc_build_dir, "test")

config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.poolc_build_dir, "bin"), config.llvm_tools_dir, os.environ["PATH"]]
)
# `%exits 2 poolc ...`: the command ends with exactly that exit code.
config.substitutions.append(("%exits", os.path.join(config.test_source_root, "exits")))
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%bin", os.path.join(config.poolc_build_dir, "bin")))
config.substitutions.append(("%source", config.poolc_source_dir))
config.substitutions.append(("%build", config.poolc_build_dir))
config.substitutions.append(("%examples", os.path.join(config.poolc_source_dir, "examples")))

if shutil.which("ptxas"):
    config.available_features.add("ptxas")

# In sanitized builds: MLIR's packaged libraries are not instrumented, so what
# they share with our code through inline functions looks poisoned.
config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0:detect_container_overflow=0"
