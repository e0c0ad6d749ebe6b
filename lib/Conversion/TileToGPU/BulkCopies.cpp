//===- BulkCopies.cpp - Copies that one thread asks for -------------------===//
//
// tile.copy_boxes and tile.copy_runs become instructions to the copy engine, which one thread is to
// give. Where they do not say which mbarrier object is told, gpu-copy-warps does, and which thread.
// tile.make_map writes the fields of a tensor map one by one, as PTX text: NVVM has no operation
// for it.
//
//===----------------------------------------------------------------------===//

#include "BulkCopies.h"
#include "Box.h"
#include "MBarriers.h"
#include "SharedMemory.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

using TensorCopy = NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp;
using RunCopy = NVVM::CpAsyncBulkGlobalToSharedClusterOp;
using TensorStore = NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp;

static constexpr StringLiteral bytesAttribute = "tile.bytes";
static constexpr int64_t mapBytes = 128, unitBytes = 16;

bool poolc::isBulkCopy(Operation *op) { return isa<TensorCopy, RunCopy>(op); }

int64_t poolc::getBulkBytes(Operation *op) {
  return cast<IntegerAttr>(op->getAttr(bytesAttribute)).getInt();
}

void poolc::setBulkObject(Operation *op, Value object) {
  op->removeAttr(bytesAttribute);
  if (auto copy = dyn_cast<TensorCopy>(op))
    copy.getMbarMutable().assign(object);
  else
    cast<RunCopy>(op).getMbarMutable().assign(object);
}

Value poolc::getBulkMap(Operation *op) {
  Value map;
  if (auto copy = dyn_cast<TensorCopy>(op))
    map = copy.getTmaDescriptor();
  else if (auto store = dyn_cast<TensorStore>(op))
    map = store.getTmaDescriptor();
  while (map && map.getDefiningOp())
    map = map.getDefiningOp()->getOperand(0);
  return map;
}

int64_t poolc::getBulkAlignment(Operation *user, Value memref) {
  bool isMap = isa<AddBoxesOp, CopyBoxesOp>(user);
  if (auto make = dyn_cast<MakeMapOp>(user))
    isMap = make.getMap() == memref;
  if (auto store = dyn_cast<StoreOp>(user))
    isMap = store.getMap() == memref;
  int64_t bytes = *getElementBytes(cast<MemRefType>(memref.getType()).getElementType());
  return (isMap ? mapBytes : unitBytes) / bytes;
}

static Value getAddress(ImplicitLocOpBuilder &b, Value memref) {
  return arith::IndexCastUIOp::create(b, b.getI64Type(),
                                      memref::ExtractAlignedPointerAsIndexOp::create(b, memref));
}

static Value toPointer(ImplicitLocOpBuilder &b, Value address, unsigned space) {
  return LLVM::IntToPtrOp::create(b, LLVM::LLVMPointerType::get(b.getContext(), space), address);
}

Value poolc::getPointer(ImplicitLocOpBuilder &b, Value memref, unsigned space) {
  return toPointer(b, getAddress(b, memref), space);
}

/// As the copy engine has them, the last one first.
static SmallVector<Value> getCoordinates(ImplicitLocOpBuilder &b, ValueRange start) {
  SmallVector<Value> coordinates;
  for (Value coordinate : llvm::reverse(start))
    coordinates.push_back(arith::IndexCastOp::create(b, b.getI32Type(), coordinate));
  return coordinates;
}

/// What is told that the copy has been made is not known yet.
static Value nobody(ImplicitLocOpBuilder &b) {
  constexpr auto space = unsigned(NVVM::NVVMMemorySpace::Shared);
  return LLVM::ZeroOp::create(b, LLVM::LLVMPointerType::get(b.getContext(), space));
}

static Operation *createBoxCopy(ImplicitLocOpBuilder &b, Value map, ValueRange coordinates,
                                Value place, Value told) {
  return TensorCopy::create(b, place, map, coordinates, told,
                            /*im2colOffsets=*/ValueRange(), /*multicastMask=*/Value(),
                            /*l2CacheHint=*/Value(), NVVM::TMALoadMode::TILE,
                            /*isCTAOnly=*/false, /*group=*/NVVM::CTAGroupKindAttr(),
                            /*predicate=*/Value());
}

void poolc::emitBoxCopy(ImplicitLocOpBuilder &b, Value map, ValueRange start, Value place,
                        int64_t bytes) {
  constexpr auto space = unsigned(NVVM::NVVMMemorySpace::SharedCluster);
  Value address = arith::IndexCastUIOp::create(b, b.getI64Type(), place);
  createBoxCopy(b, map, getCoordinates(b, start), toPointer(b, address, space), nobody(b))
      ->setAttr(bytesAttribute, b.getI64IntegerAttr(bytes));
}

SmallVector<Value> poolc::placeInRow(ImplicitLocOpBuilder &b, ValueRange start, int64_t row) {
  SmallVector<Value> place(start);
  Value position = arith::IndexCastOp::create(b, b.getI32Type(), start.back());
  Value size = arith::ConstantIntOp::create(b, row, 32);
  auto toIndex = [&](Value value) -> Value {
    return arith::IndexCastUIOp::create(b, b.getIndexType(), value);
  };
  Value images = toIndex(arith::DivUIOp::create(b, position, size));
  place.front() = arith::AddIOp::create(b, start.front(), images);
  place.back() = toIndex(arith::RemUIOp::create(b, position, size));
  return place;
}

bool poolc::isBoxStore(Operation *op) { return isa<TensorStore>(op); }

void poolc::emitBoxStore(ImplicitLocOpBuilder &b, Value map, ValueRange start, Value from) {
  TensorStore::create(b, getPointer(b, map), from, getCoordinates(b, start),
                      /*l2CacheHint=*/Value(), NVVM::TMAStoreMode::TILE, /*predicate=*/Value());
}

void poolc::waitForBoxStores(ImplicitLocOpBuilder &b, int64_t pending) {
  NVVM::CpAsyncBulkWaitGroupOp::create(b, b.getI32IntegerAttr(int32_t(pending)), b.getUnitAttr());
}

static Value isFirstThread(ImplicitLocOpBuilder &b) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                               gpu::ThreadIdOp::create(b, gpu::Dimension::x),
                               arith::ConstantIndexOp::create(b, 0));
}

/// One of those that bulk copies tell.
static Value getObject(ImplicitLocOpBuilder &b, Value objects, Value number) {
  Value offset = arith::MulIOp::create(b, number, arith::ConstantIndexOp::create(b, mbarrierBytes));
  return mbarrierAt(b,
                    arith::AddIOp::create(b, getAddress(b, objects),
                                          arith::IndexCastUIOp::create(b, b.getI64Type(), offset)));
}

namespace {

/// Addresses that copies go to, and what they have in common.
struct BulkTarget {
  BulkTarget(ImplicitLocOpBuilder &b, TypedValue<MemRefType> memref,
             ConversionPatternRewriter &rewriter)
      : b(b), bytesOfElement(*getElementBytes(memref.getType().getElementType())),
        bytesOfAll(memref.getType().getNumElements() * bytesOfElement),
        view(getSharedView(b, memref, rewriter)) {
    first = addElements(getAddress(b, view.flat), view.offset);
  }

  /// `address` and so many elements, an index.
  Value addElements(Value address, Value elements) {
    Value bytes =
        arith::MulIOp::create(b, elements, arith::ConstantIndexOp::create(b, bytesOfElement));
    return arith::AddIOp::create(b, address,
                                 arith::IndexCastUIOp::create(b, b.getI64Type(), bytes));
  }

  Value pointerTo(int64_t element) {
    constexpr auto space = unsigned(NVVM::NVVMMemorySpace::SharedCluster);
    return toPointer(b, addElements(first, arith::ConstantIndexOp::create(b, element)), space);
  }

  /// Who is told: one of `objects`, which then waits for all copies and which the block's first
  /// thread makes. Without them that is not known yet.
  Value beginTelling(Value objects, Value number) {
    if (!objects)
      return nobody(b);
    b.setInsertionPointToStart(
        scf::IfOp::create(b, isFirstThread(b), /*withElseRegion=*/false).thenBlock());
    Value told = getObject(b, objects, number);
    emitExpectation(b, told, arith::ConstantIntOp::create(b, bytesOfAll, 32));
    return told;
  }

  /// Copies `elements` to each place along the first dimensions, of those sizes; neighbours are
  /// `apart` where they come from. `make` gives the copy to a place of what begins so far on.
  void copyEach(ArrayRef<int64_t> sizes, ArrayRef<int64_t> apart, int64_t elements,
                llvm::function_ref<Operation *(Value place, int64_t from)> make) {
    for (int64_t i = 0; i != llvm::product_of(sizes); ++i) {
      int64_t rest = i, from = 0, to = 0;
      for (size_t d = sizes.size(); d-- > 0; rest /= sizes[d]) {
        from += rest % sizes[d] * apart[d];
        to += rest % sizes[d] * view.strides[d];
      }
      make(pointerTo(to), from)
          ->setAttr(bytesAttribute, b.getI64IntegerAttr(elements * bytesOfElement));
    }
  }

  ImplicitLocOpBuilder &b;
  int64_t bytesOfElement, bytesOfAll;
  SharedView view;
  Value first;
};

struct CopyBoxesPattern : OpConversionPattern<CopyBoxesOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(CopyBoxesOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    MemRefType type = op.getDestination().getType();
    BulkTarget target(b, op.getDestination(), rewriter);
    Value map = getPointer(b, adaptor.getMap());
    SmallVector<Value> coordinates = getCoordinates(b, adaptor.getStart());
    int64_t columns = type.getDimSize(2), elements = type.getDimSize(1) * columns;
    Value told = target.beginTelling(adaptor.getObjects(), adaptor.getObject());
    auto beginOf = [&](int64_t from) {
      SmallVector<Value> begin(coordinates);
      if (op.getJoined() != 0) {
        begin.assign(adaptor.getStart().begin(), adaptor.getStart().end());
        begin.back() =
            arith::AddIOp::create(b, begin.back(), arith::ConstantIndexOp::create(b, from));
        return getCoordinates(b, placeInRow(b, begin, op.getJoined()));
      }
      begin.front() =
          arith::AddIOp::create(b, begin.front(), arith::ConstantIntOp::create(b, from, 32));
      return begin;
    };
    auto makeCopy = [&](Value place, int64_t from) -> Operation * {
      return createBoxCopy(b, map, beginOf(from), place, told);
    };
    target.copyEach(type.getShape().take_front(1), {columns}, elements, makeCopy);
    rewriter.eraseOp(op);
    return success();
  }
};

/// tile.objects: all of them are there, and the maps visible, behind a barrier.
struct ObjectsPattern : OpConversionPattern<ObjectsOp> {
  ObjectsPattern(const TypeConverter &converter, MLIRContext *context, const SharedLayout &shared)
      : OpConversionPattern(converter, context), shared(shared) {}

  LogicalResult matchAndRewrite(ObjectsOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    MemRefType type = op.getObjects().getType();
    auto bytesType = MemRefType::get({ShapedType::kDynamic}, b.getI8Type(),
                                     MemRefLayoutAttrInterface{}, type.getMemorySpace());
    Value bytes = gpu::DynamicSharedMemoryOp::create(b, bytesType);
    Value offset = arith::ConstantIndexOp::create(b, shared.getOffset(op));
    Value objects = memref::ViewOp::create(b, type, bytes, offset, ValueRange());
    auto branch = scf::IfOp::create(b, isFirstThread(b), /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      for (int64_t i = 0; i != type.getNumElements(); ++i)
        NVVM::MBarrierInitOp::create(b, getObject(b, objects, arith::ConstantIndexOp::create(b, i)),
                                     arith::ConstantIntOp::create(b, op.getArrivals(), 32),
                                     /*predicate=*/Value());
      for (Value map : adaptor.getMaps())
        NVVM::FenceProxyAcquireOp::create(b, NVVM::MemScopeKind::GPU, getPointer(b, map),
                                          arith::ConstantIntOp::create(b, mapBytes, 32));
    }
    gpu::BarrierOp::create(b);
    rewriter.replaceOp(op, objects);
    return success();
  }

private:
  const SharedLayout &shared;
};

struct AwaitPattern : OpConversionPattern<AwaitOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(AwaitOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value phase = arith::IndexCastUIOp::create(b, b.getI32Type(), adaptor.getPhase());
    emitPhaseWait(b, getObject(b, adaptor.getObjects(), adaptor.getObject()),
                  arith::AndIOp::create(b, phase, arith::ConstantIntOp::create(b, 1, 32)),
                  /*canSleep=*/true);
    rewriter.eraseOp(op);
    return success();
  }
};

struct CopyRunsPattern : OpConversionPattern<CopyRunsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(CopyRunsOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    ArrayRef<int64_t> shape = op.getDestination().getType().getShape();
    BulkTarget target(b, op.getDestination(), rewriter);
    SmallVector<int64_t> strides, apart = op.getSourceStrides();
    int64_t offset;
    (void)op.getMemref().getType().getStridesAndOffset(strides, offset);
    Value start = arith::ConstantIndexOp::create(b, 0);
    for (auto [index, stride] : llvm::zip_equal(adaptor.getStart(), strides))
      start = arith::AddIOp::create(
          b, start,
          arith::MulIOp::create(b, index, arith::ConstantIndexOp::create(b, stride)).getResult());
    Value source = target.addElements(getAddress(b, flattenMemRef(b, adaptor.getMemref())), start);
    Value told = target.beginTelling(adaptor.getObjects(), adaptor.getObject());

    unsigned outer = shape.size() - op.getDimsOfRun();
    int64_t elements = llvm::product_of(shape.drop_front(outer));
    constexpr auto global = unsigned(NVVM::NVVMMemorySpace::Global);
    auto makeCopy = [&](Value place, int64_t from) -> Operation * {
      Value first =
          toPointer(b, target.addElements(source, arith::ConstantIndexOp::create(b, from)), global);
      Value bytes = arith::ConstantIntOp::create(b, elements * target.bytesOfElement, 32);
      return RunCopy::create(b, place, first, told, bytes, /*multicastMask=*/Value(),
                             /*l2CacheHint=*/Value());
    };
    target.copyEach(shape.take_front(outer), apart, elements, makeCopy);
    rewriter.eraseOp(op);
    return success();
  }
};

struct MakeMapPattern : OpConversionPattern<MakeMapOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(MakeMapOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value place = arith::IndexCastUIOp::create(b, b.getI32Type(),
                                               gpu::ThreadIdOp::create(b, gpu::Dimension::x));
    for (gpu::Dimension dimension : {gpu::Dimension::x, gpu::Dimension::y, gpu::Dimension::z})
      place = arith::OrIOp::create(
          b, place,
          arith::IndexCastUIOp::create(b, b.getI32Type(), gpu::BlockIdOp::create(b, dimension)));
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, place,
                                          arith::ConstantIntOp::create(b, 0, 32));
    auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
    b.setInsertionPointToStart(branch.thenBlock());
    SmallVector<Value> operands{
        getAddress(b, flattenMemRef(b, adaptor.getMap())),
        getAddress(b, flattenMemRef(b, adaptor.getMemref())),
    };
    LLVM::InlineAsmOp::create(b, TypeRange(), operands, writeFields(op), "l,l,~{memory}",
                              /*has_side_effects=*/true, /*is_align_stack=*/false,
                              LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// PTX ISA, "tensormap.replace"; what is not named is zero. The last dimension is the map's
  /// first.
  static std::string writeFields(MakeMapOp op) {
    MemRefType type = op.getMemref().getType();
    Type element = type.getElementType();
    int64_t bytes = type.getElementTypeBitWidth() / 8, rank = type.getRank();
    // TF32 would be rounded as it is copied, but halves to even.
    constexpr int64_t f16 = 6, f32 = 7, bf16 = 10, swizzle128 = 3;
    std::string text;
    for (int64_t i = 0; i != mapBytes / 8; ++i)
      text += llvm::formatv("st.global.b64 [$0+{0}], 0;\n", 8 * i);
    auto replace = [&](StringRef field, StringRef bits, const Twine &value) {
      text +=
          ("tensormap.replace.tile." + field + ".global.b1024." + bits + " [$0], " + value + ";\n")
              .str();
    };
    auto replaceAt = [&](StringRef field, int64_t dim, int64_t value, StringRef bits = "b32") {
      replace(field, bits, Twine(dim) + ", " + Twine(value));
    };
    replace("global_address", "b64", "$1");
    replace("rank", "b32", Twine(rank - 1));
    SmallVector<int64_t> strides;
    int64_t offset;
    (void)type.getStridesAndOffset(strides, offset);
    for (int64_t dim = 0; dim != rank; ++dim) {
      auto ofBox = int64_t(dim == 0 ? op.getColumns() : dim == 1 ? op.getRows() : 1);
      replaceAt("box_dim", dim, ofBox);
      replaceAt("global_dim", dim, type.getDimSize(rank - 1 - dim));
      replaceAt("element_stride", dim, 1);
      if (dim != 0)
        replaceAt("global_stride", dim - 1, strides[rank - 1 - dim] * bytes, "b64");
    }
    replace("elemtype", "b32", Twine(element.isF16() ? f16 : element.isBF16() ? bf16 : f32));
    replace("interleave_layout", "b32", "0");
    replace("swizzle_mode", "b32", Twine(op.getSwizzled() ? swizzle128 : 0));
    replace("fill_mode", "b32", "0");
    return text;
  }
};

} // namespace

void poolc::populateBulkCopyPatterns(const TypeConverter &converter, const SharedLayout &shared,
                                     RewritePatternSet &patterns) {
  patterns.add<AwaitPattern, CopyBoxesPattern, CopyRunsPattern, MakeMapPattern>(
      converter, patterns.getContext());
  patterns.add<ObjectsPattern>(converter, patterns.getContext(), shared);
}
