//===- Devices.h - Which device poolc-run runs on ---------------*- C++ -*-===//
#ifndef POOLC_TOOLS_POOLC_RUN_DEVICES_H
#define POOLC_TOOLS_POOLC_RUN_DEVICES_H

#include "Arguments.h"
#include "poolc/Plan/Plan.h"
#include "poolc/Runtime/Device.h"

namespace poolc::run {

/// Opens the device. With `auto` that is the first CUDA GPU, else a virtual one
/// of the plan's target; which one, and why, is said on standard error.
llvm::Expected<std::unique_ptr<Device>> openDevice(llvm::StringRef tool, const DeviceChoice &choice,
                                                   const Plan &plan);

} // namespace poolc::run

#endif // POOLC_TOOLS_POOLC_RUN_DEVICES_H
