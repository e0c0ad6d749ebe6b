"""The CUDA driver through ctypes: loads PTX and launches its kernels."""

import ctypes

JIT_ERROR_LOG_BUFFER, JIT_ERROR_LOG_BUFFER_BYTES = 5, 6
MAX_DYNAMIC_SHARED_BYTES = 8
PROGRAMMATIC_STREAM_SERIALIZATION = 6
FUNCTION_FIGURES = {"registers": 4, "local_bytes": 3, "static_shared_bytes": 1}
PATHS = ("libcuda.so.1", "/usr/local/nvidia/lib64/libcuda.so.1", "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
         "/usr/lib/wsl/lib/libcuda.so.1")


class CudaError(Exception):
    """A call of the driver failed; `is_lasting` if the process can do no more on the GPU."""

    def __init__(self, message, result=None):
        super().__init__(message)
        # 2 out of memory, 1 invalid value, 218 PTX refused, 500 no such kernel, 701 too many resources:
        # the context lives on. What a kernel did wrong ends it.
        self.is_lasting = result is not None and result not in (1, 2, 218, 222, 500, 701)


def open_library(path=None):
    errors = []
    for name in [path] if path else PATHS:
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            errors.append(str(error))
    raise CudaError("no CUDA driver: " + "; ".join(errors))


class LaunchAttribute(ctypes.Structure):
    """CUlaunchAttribute of a whole number."""

    _fields_ = [("id", ctypes.c_int), ("reserved", ctypes.c_int), ("value", ctypes.c_int), ("rest", ctypes.c_char * 60)]


class LaunchConfig(ctypes.Structure):
    """CUlaunchConfig."""

    _fields_ = [("grid", ctypes.c_uint * 3), ("block", ctypes.c_uint * 3), ("dynamic_shared_bytes", ctypes.c_uint),
                ("stream", ctypes.c_void_p), ("attributes", ctypes.POINTER(LaunchAttribute)), ("count", ctypes.c_uint)]


class Driver:
    """The functions of the driver, on the context that is current."""

    def __init__(self, path=None):
        self.library = open_library(path)
        self.check(self.library.cuInit(0), "start the driver")

    def check(self, result, what):
        if result == 0:
            return
        text = ctypes.c_char_p()
        self.library.cuGetErrorString(result, ctypes.byref(text))
        message = text.value.decode() if text.value else "unknown error"
        raise CudaError(f"cannot {what}: {message} (CUDA error {result})", result)

    def load(self, ptx):
        """Compiles PTX for this GPU and returns the module."""
        log = ctypes.create_string_buffer(16384)
        options = (ctypes.c_int * 2)(JIT_ERROR_LOG_BUFFER, JIT_ERROR_LOG_BUFFER_BYTES)
        values = (ctypes.c_void_p * 2)(ctypes.addressof(log), len(log))
        module = ctypes.c_void_p()
        result = self.library.cuModuleLoadDataEx(ctypes.byref(module), ptx.encode() + b"\0", 2, options, values)
        self.check(result, "load the PTX: " + log.value.decode(errors="replace").strip())
        return module

    def unload(self, module):
        self.check(self.library.cuModuleUnload(module), "unload the PTX")

    def function(self, module, name, dynamic_shared_bytes=0):
        """A kernel of the module that may be launched with so much dynamic shared memory."""
        function = ctypes.c_void_p()
        self.check(self.library.cuModuleGetFunction(ctypes.byref(function), module, name.encode()),
                   f"find the kernel '{name}'")
        if dynamic_shared_bytes:
            self.check(self.library.cuFuncSetAttribute(function, MAX_DYNAMIC_SHARED_BYTES, dynamic_shared_bytes),
                       f"give '{name}' {dynamic_shared_bytes} bytes of dynamic shared memory")
        return function

    def function_figures(self, function):
        """Registers per thread and bytes of local (spilled) and static shared memory."""
        figures = {}
        for name, attribute in FUNCTION_FIGURES.items():
            value = ctypes.c_int()
            self.check(self.library.cuFuncGetAttribute(ctypes.byref(value), attribute, function), f"look up {name}")
            figures[name] = value.value
        return figures

    def launch(self, function, grid, block, dynamic_shared_bytes, parameters, stream=None, programmatic=False):
        """`parameters` is an array of addresses, as pack_parameters makes them; `programmatic` as in
        launch plans."""
        if programmatic:
            attribute = LaunchAttribute(PROGRAMMATIC_STREAM_SERIALIZATION, 0, 1)
            config = LaunchConfig(tuple(grid), tuple(block), dynamic_shared_bytes, stream, ctypes.pointer(attribute), 1)
            result = self.library.cuLaunchKernelEx(ctypes.byref(config), function, parameters, None)
        else:
            result = self.library.cuLaunchKernel(
                function, *grid, *block, dynamic_shared_bytes, ctypes.c_void_p(stream), parameters, None)
        if result:
            self.check(result, "launch the kernel")


SCALARS = {"i8": ctypes.c_int8, "i16": ctypes.c_int16, "i32": ctypes.c_int32, "i64": ctypes.c_int64,
           "u8": ctypes.c_uint8, "u16": ctypes.c_uint16, "u32": ctypes.c_uint32, "u64": ctypes.c_uint64,
           "f32": ctypes.c_float, "f64": ctypes.c_double}


def pack_parameters(values):
    """An array of the addresses of ctypes values, which it keeps alive."""
    array = (ctypes.c_void_p * max(len(values), 1))(*(ctypes.addressof(value) for value in values))
    array.values = values
    return array
