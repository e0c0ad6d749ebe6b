//===- Problems.h - Problems that the tests share ---------------*- C++ -*-===//
#ifndef POOLC_TEST_UNIT_SCHEDULE_PROBLEMS_H
#define POOLC_TEST_UNIT_SCHEDULE_PROBLEMS_H

#include "poolc/Schedule/Schedule.h"

#include "llvm/Support/Error.h"

namespace poolc {

/// `planes` planes of height x width outputs: one tap, stride one.
inline AvgPool2dProblem poolOf(int64_t planes, int64_t height, int64_t width) {
  AvgPool2dProblem problem;
  problem.planes = planes;
  problem.axis[0].size = height;
  problem.axis[1].size = width;
  return problem;
}

/// One tap, stride one.
inline Conv1dProblem convOf(int64_t batch, int64_t groups, int64_t outPerGroup, int64_t length) {
  Conv1dProblem problem;
  problem.batch = batch;
  problem.groups = groups;
  problem.outPerGroup = outPerGroup;
  problem.window.size = length;
  return problem;
}

/// What else a test says of a convolution; `pad` is on both sides.
struct ConvAttributes {
  int64_t groups = 1, kernel = 1, stride = 1, dilation = 1, pad = 0;
  DataType type = DataType::f32;
  Precision precision = Precision::ieee;
};

/// `in` and `out` are channels of a group.
inline Conv1dProblem convOf(int64_t batch, int64_t in, int64_t out, int64_t length,
                            const ConvAttributes &attributes) {
  Conv1dProblem problem = convOf(batch, attributes.groups, out, length);
  problem.inPerGroup = in;
  problem.window.kernel = attributes.kernel;
  problem.window.stride = attributes.stride;
  problem.window.dilation = attributes.dilation;
  problem.window.padBefore = problem.window.padAfter = attributes.pad;
  problem.type = attributes.type;
  problem.precision = attributes.precision;
  return problem;
}

/// 16x64x2048x2048, window and stride 11.
inline AvgPool2dProblem startingPool() {
  AvgPool2dProblem problem = poolOf(16 * 64, 2048, 2048);
  for (Window &axis : problem.axis)
    axis.kernel = axis.stride = 11;
  return problem;
}

/// 64x64x224280, 128 outputs, kernel 3, stride 3, dilation 4.
inline Conv1dProblem startingConv() {
  Conv1dProblem problem = convOf(64, 1, 128, 224280);
  problem.inPerGroup = 64;
  problem.window.kernel = problem.window.stride = 3;
  problem.window.dilation = 4;
  return problem;
}

inline Schedule words(llvm::StringRef text) { return llvm::cantFail(Schedule::parse(text)); }

/// The message of an error, or "" for success.
inline std::string message(llvm::Error error) { return llvm::toString(std::move(error)); }

template <typename T> std::string message(llvm::Expected<T> value) {
  return message(value.takeError());
}

} // namespace poolc

#endif // POOLC_TEST_UNIT_SCHEDULE_PROBLEMS_H
