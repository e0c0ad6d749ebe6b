"""Launches scale.ptx by its plan on the fake CUDA driver: launch.py LIBRARY PTX FOLDER-OF-PROGRAMS."""

import ctypes
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[3])
import cuda_driver  # pylint: disable=wrong-import-position
import launch_plan  # pylint: disable=wrong-import-position

driver = cuda_driver.Driver(sys.argv[1])
library = driver.library
device, context = ctypes.c_int(), ctypes.c_void_p()
library.cuDeviceGet(ctypes.byref(device), 0)
library.cuDevicePrimaryCtxRetain(ctypes.byref(context), device)
library.cuCtxSetCurrent(context)

with open(sys.argv[2], encoding="utf-8") as file:
    ptx = file.read()
program = launch_plan.Program(driver, ptx)
print("figures", sorted(program.figures().items()))

count = 1000
memory = [ctypes.c_uint64(), ctypes.c_uint64()]
for pointer in memory:
    driver.check(library.cuMemAlloc_v2(ctypes.byref(pointer), ctypes.c_size_t(4 * count)), "allocate")
values = (ctypes.c_float * count)(*range(count))
library.cuMemcpyHtoD_v2(memory[0], values, ctypes.c_size_t(4 * count))

arguments = program.plan["arguments"]
addresses = {argument["name"]: pointer.value for argument, pointer in zip(arguments, memory)}
dims = program.dims([[count], [count]])
program.run(program.prepare(addresses, dims))
library.cuMemcpyDtoH_v2(values, memory[1], ctypes.c_size_t(4 * count))
print("dims", dims, "results", values[1], values[999])

for wrong in ("no ptx", ptx.replace(".entry scale(", ".entry other(")):
    try:
        launch_plan.Program(driver, wrong, program.plan)
    except cuda_driver.CudaError as error:
        print("error:", str(error).replace("\n", " "), error.is_lasting)
