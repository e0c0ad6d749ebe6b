"""How lit finds and runs poolc's tests: IR tests here, GoogleTest programs in the build tree."""

import importlib.util
import os
import shutil
import subprocess
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

if os.path.exists(os.path.join(config.poolc_build_dir, "bin", "poolc-vgpu-benchmark")):
    config.available_features.add("benchmark")
if shutil.which("ptxas"):
    config.available_features.add("ptxas")

# In sanitized builds: MLIR's packaged libraries are not instrumented, so what
# they share with our code through inline functions looks poisoned.
config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0:detect_container_overflow=0"

# Tests of the programs that measure with it.
if importlib.util.find_spec("torch"):
    config.available_features.add("torch")

# Other compilers, whose kernels the virtual GPU has to run too.
nvcc = shutil.which("nvcc") or shutil.which("/usr/local/cuda/bin/nvcc")
if nvcc:
    config.available_features.add("nvcc")
    config.environment["PATH"] += os.pathsep + os.path.dirname(nvcc)


def can_import_triton(python):
    """Whether that interpreter exists and has Triton."""
    return shutil.which(python) and not subprocess.run([python, "-c", "import triton"], capture_output=True).returncode


# `./dev test` installs Triton in the build tree.
for python in (os.path.join(config.poolc_build_dir, "python", "bin", "python3"), sys.executable):
    if can_import_triton(python):
        config.available_features.add("triton")
        baseline = os.path.join(config.poolc_source_dir, "benchmark", "baseline", "compile.py")
        config.substitutions.append(("%baseline", f"env TRITON_CACHE_DIR=%t/cache {python} {baseline}"))
        break
