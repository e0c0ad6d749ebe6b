//===- NNInterfaces.td - What every nn op can tell ---------*- tablegen -*-===//
//
// The interfaces through which the rest of the compiler sees an nn op. An op
// needs only its getProblem methods for them, and its problem the functions in
// Reference.h and Schedule.h.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_NN_INTERFACES_TD
#define POOLC_NN_INTERFACES_TD

include "mlir/IR/OpBase.td"

def NN_ReferenceOpInterface : OpInterface<"ReferenceOpInterface"> {
  let cppNamespace = "::poolc::nn";
  let description = [{
    An op whose exact result can be computed one element at a time.
  }];
  let methods = [
    InterfaceMethod<[{
        The reference on operands of these shapes, one per operand. Where they
        are not legal, emits an error on the op and fails.
      }],
      "::llvm::FailureOr<std::unique_ptr<::poolc::ReferenceOp>>", "makeReference",
      (ins "::llvm::ArrayRef<::llvm::SmallVector<int64_t>>":$operandShapes), [{
        auto problem = $_op.getProblem(operandShapes);
        if (::llvm::failed(problem))
          return ::llvm::failure();
        return ::poolc::makeReference(*problem);
      }]>
  ];
}

def NN_ScheduledOpInterface : OpInterface<"ScheduledOpInterface"> {
  let cppNamespace = "::poolc::nn";
  let description = [{
    An op that is mapped to the GPU by a schedule.
  }];
  let methods = [
    InterfaceMethod<[{
        A complete schedule with the words of `wanted`. Errors say what is wrong
        with those, or why the op cannot be scheduled.
      }],
      "::llvm::Expected<::poolc::Schedule>", "decideSchedule",
      (ins "const ::poolc::GPU &":$gpu, "const ::poolc::Schedule &":$wanted), [{
        auto problem = $_op.getProblem();
        if (::llvm::failed(problem))
          return ::poolc::nn::dynamicShapeError($_op);
        return ::poolc::decideSchedule(*problem, gpu, wanted);
      }]>,
    InterfaceMethod<[{
        Whether the schedule is complete and legal on the GPU.
      }],
      "::llvm::Error", "verifySchedule",
      (ins "const ::poolc::GPU &":$gpu, "const ::poolc::Schedule &":$schedule), [{
        auto problem = $_op.getProblem();
        if (::llvm::failed(problem))
          return ::poolc::nn::dynamicShapeError($_op);
        return ::poolc::verifySchedule(*problem, gpu, schedule);
      }]>,
    InterfaceMethod<[{
        All schedules of the op on the GPU, to compare and to report on.
      }],
      "::llvm::Expected<std::unique_ptr<::poolc::ScheduleSpace>>", "makeScheduleSpace",
      (ins "const ::poolc::GPU &":$gpu), [{
        auto problem = $_op.getProblem();
        if (::llvm::failed(problem))
          return ::poolc::nn::dynamicShapeError($_op);
        return ::poolc::makeScheduleSpace(*problem, gpu);
      }]>
  ];
}

#endif // POOLC_NN_INTERFACES_TD
