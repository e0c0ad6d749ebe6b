//===- Devices.cpp - Which device poolc-run runs on -----------------------===//

#include "Devices.h"

#include "poolc/Support/ToolSupport.h"

using namespace poolc;
using namespace poolc::run;

static std::unique_ptr<Device> openVirtual(const GPU *chosen, const Plan &plan) {
  const GPU *planned = lookupGPU(plan.target);
  return createVirtualDevice(chosen ? *chosen : planned ? *planned : defaultGPU());
}

llvm::Expected<std::unique_ptr<Device>>
run::openDevice(llvm::StringRef tool, const DeviceChoice &choice, const Plan &plan) {
  if (choice.kind == DeviceChoice::Kind::virtualGPU)
    return openVirtual(choice.target, plan);
  llvm::Expected<std::unique_ptr<Device>> cuda = createCudaDevice(choice.ordinal);
  if (choice.kind == DeviceChoice::Kind::cuda)
    return cuda;
  if (cuda) {
    reportRemark(tool, "running on " + (*cuda)->description());
    return cuda;
  }
  std::unique_ptr<Device> device = openVirtual(nullptr, plan);
  reportRemark(tool,
               "running on " + device->description() + ": " + llvm::toString(cuda.takeError()));
  return device;
}
