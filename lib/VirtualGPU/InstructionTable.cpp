//===- InstructionTable.cpp - The covered instructions --------------------===//

#include "InstructionTable.h"

using namespace poolc::vgpu;

#define ALL_INTEGERS "(.u16|.u32|.u64|.s16|.s32|.s64)"
#define WORDS "(.u32|.s32)"
#define WORDS_AND_LONGS "(.u32|.s32|.u64|.s64)"
#define BITS "(.b16|.b32|.b64)"
#define BIT_WORDS "(.b32|.b64)"
#define RND "{.rn|.rz|.rm|.rp}"
#define MUST_RND "(.rn|.rz|.rm|.rp)"
#define SCALARS                                                                                    \
  "(.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f16|.bf16|.f32|.f64|.f16x2|.bf16x2|.b128)"
#define MEMORY_SCALARS                                                                             \
  "(.b8|.b16|.b32|.b64|.u8|.u16|.u32|.u64|.s8|.s16|.s32|.s64|.f16|.bf16|.f16x2|.bf16x2|.f32|.f64)"
#define COMPARE "(.eq|.ne|.lt|.le|.gt|.ge|.lo|.ls|.hi|.hs|.equ|.neu|.ltu|.leu|.gtu|.geu|.num|.nan)"
#define COMBINE "{.and|.or|.xor}"
#define COMPARED                                                                                   \
  "(.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f16|.f16x2|.bf16|.bf16x2|.f32|.f64)"
#define SPACES "{.global|.shared|.shared::cta|.local|.param|.param::entry|.param::func|.const}"
#define SCOPES "{.cta|.cluster|.gpu|.sys}"
// Compilers write the scope on either side of the space.
#define ATOMIC ORDERS SCOPES SPACES SCOPES
#define ORDERS "{.weak|.relaxed|.acquire|.release|.volatile|.acq_rel|.mmio}"
#define CACHE "{.ca|.cg|.cs|.lu|.cv|.wb|.wt}"
#define EVICTION                                                                                   \
  "{.L1::evict_normal|.L1::evict_unchanged|.L1::evict_first|.L1::evict_last|.L1::no_allocate}"     \
  "{.L2::evict_normal|.L2::evict_first|.L2::evict_last}"
#define HINT "{.L2::cache_hint}"
#define PREFETCH "{.L2::64B|.L2::128B|.L2::256B}"
#define WMMA_SHAPES "(.m16n16k16|.m32n8k16|.m8n32k16)"
#define WGMMA_SHAPE(n, k) ".m64n" #n "k" #k
#define WGMMA_SHAPES(k)                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                \
  "(" WGMMA_SHAPE(8, k) "|" WGMMA_SHAPE(16, k) "|" WGMMA_SHAPE(24, k) "|" WGMMA_SHAPE(                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 \
      32, k) "|" WGMMA_SHAPE(40, k) "|" WGMMA_SHAPE(48,                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                \
                                                    k) "|" WGMMA_SHAPE(56,                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             \
                                                                       k) "|" WGMMA_SHAPE(64,                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          \
                                                                                          k) "|" WGMMA_SHAPE(72, k) "|" WGMMA_SHAPE(80, k) "|" WGMMA_SHAPE(88, k) "|" WGMMA_SHAPE(96, k) "|" WGMMA_SHAPE(104, k) "|" WGMMA_SHAPE(112, k) "|" WGMMA_SHAPE(120, k) "|" WGMMA_SHAPE(128, k) "|" WGMMA_SHAPE(136, k) "|" WGMMA_SHAPE(144, k) "|" WGMMA_SHAPE(152,                                                                                                                                                                                                                                                                                                          \
                                                                                                                                                                                                                                                                                                                                                         k) "|" WGMMA_SHAPE(160, k) "|" WGMMA_SHAPE(168,                                                                                                                                                                                                                                                               \
                                                                                                                                                                                                                                                                                                                                                                                                    k) "|" WGMMA_SHAPE(176, k) "|" WGMMA_SHAPE(184, k) "|" WGMMA_SHAPE(192, k) "|" WGMMA_SHAPE(200, k) "|" WGMMA_SHAPE(208, k) "|" WGMMA_SHAPE(216, k) "|" WGMMA_SHAPE(224, k) "|" WGMMA_SHAPE(232,                                                                    \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               k) "|" WGMMA_SHAPE(240, k) "|" WGMMA_SHAPE(248, k) "|" WGMMA_SHAPE(256, \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  k) ")"
#define IN_SHARED "{.shared|.shared::cta}.b64"
#define RELEASE "{.release|.relaxed}{.cta|.cluster}"
#define ACQUIRE "{.acquire|.relaxed}{.cta|.cluster}"
#define CVT_TYPES "(.u8|.u16|.u32|.u64|.s8|.s16|.s32|.s64|.bf16|.f16|.f32|.f64)"

using D = Decoding;

static constexpr Rule integerRules[] = {
    {"add" ALL_INTEGERS, D::lanes, Fn::add, "TTT"},
    {"add.sat.s32", D::lanes, Fn::add, "TTT"},
    {"sub" ALL_INTEGERS, D::lanes, Fn::sub, "TTT"},
    {"sub.sat.s32", D::lanes, Fn::sub, "TTT"},
    {"add.cc(.u32|.s32|.u64|.s64)", D::carry, Fn::addCarry, "TTT", 1},
    {"addc{.cc}(.u32|.s32|.u64|.s64)", D::carry, Fn::addCarry, "TTT", 2},
    {"sub.cc(.u32|.s32|.u64|.s64)", D::carry, Fn::subCarry, "TTT", 1},
    {"subc{.cc}(.u32|.s32|.u64|.s64)", D::carry, Fn::subCarry, "TTT", 2},
    {"mad.lo.cc" WORDS_AND_LONGS, D::carry, Fn::madCarry, "TTTT", 1},
    {"madc.lo{.cc}" WORDS_AND_LONGS, D::carry, Fn::madCarry, "TTTT", 2},
    {"mad.hi.cc" WORDS_AND_LONGS, D::carry, Fn::madHiCarry, "TTTT", 1},
    {"madc.hi{.cc}" WORDS_AND_LONGS, D::carry, Fn::madHiCarry, "TTTT", 2},
    {"mul.lo" ALL_INTEGERS, D::lanes, Fn::mul, "TTT"},
    {"mul.hi" ALL_INTEGERS, D::lanes, Fn::mulHi, "TTT"},
    {"mul.wide(.u16|.s16|.u32|.s32)", D::lanes, Fn::mulWide, "WTT"},
    {"mad.lo" ALL_INTEGERS, D::lanes, Fn::mad, "TTTT"},
    {"mad.hi" ALL_INTEGERS, D::lanes, Fn::madHi, "TTTT"},
    {"mad.hi.sat.s32", D::lanes, Fn::madHi, "TTTT"},
    {"mad.wide(.u16|.s16|.u32|.s32)", D::lanes, Fn::madWide, "WTTW"},
    {"mul24.lo" WORDS, D::lanes, Fn::mul24, "TTT"},
    {"mul24.hi" WORDS, D::lanes, Fn::mul24, "TTT", 1},
    {"mad24.lo" WORDS, D::lanes, Fn::mad24, "TTTT"},
    {"mad24.hi" WORDS, D::lanes, Fn::mad24, "TTTT", 1},
    {"sad" ALL_INTEGERS, D::lanes, Fn::sad, "TTTT"},
    {"div" ALL_INTEGERS, D::lanes, Fn::div, "TTT"},
    {"rem" ALL_INTEGERS, D::lanes, Fn::rem, "TTT"},
    {"abs(.s16|.s32|.s64)", D::lanes, Fn::abs, "TT"},
    {"neg(.s16|.s32|.s64)", D::lanes, Fn::neg, "TT"},
    {"min" ALL_INTEGERS, D::lanes, Fn::min, "TTT"},
    {"max" ALL_INTEGERS, D::lanes, Fn::max, "TTT"},
    {"min.relu.s32", D::lanes, Fn::min, "TTT"},
    {"max.relu.s32", D::lanes, Fn::max, "TTT"},
    {"add(.u16x2|.s16x2)", D::lanes, Fn::add, "TTT"},
    {"min.u16x2", D::lanes, Fn::min, "TTT"},
    {"max.u16x2", D::lanes, Fn::max, "TTT"},
    {"min{.relu}.s16x2", D::lanes, Fn::min, "TTT"},
    {"max{.relu}.s16x2", D::lanes, Fn::max, "TTT"},
    {"dp4a" WORDS WORDS, D::lanes, Fn::dp4a, "uuuu"},
    {"dp2a.lo" WORDS WORDS, D::lanes, Fn::dp2a, "uuuu"},
    {"dp2a.hi" WORDS WORDS, D::lanes, Fn::dp2a, "uuuu", 1},
};

static constexpr Rule bitRules[] = {
    {"and(.pred|.b16|.b32|.b64)", D::lanes, Fn::andBits, "TTT"},
    {"or(.pred|.b16|.b32|.b64)", D::lanes, Fn::orBits, "TTT"},
    {"xor(.pred|.b16|.b32|.b64)", D::lanes, Fn::xorBits, "TTT"},
    {"not(.pred|.b16|.b32|.b64)", D::lanes, Fn::notBits, "TT"},
    {"cnot" BITS, D::lanes, Fn::cnot, "TT"},
    {"lop3.b32", D::lanes, Fn::lop3, "TTTTu"},
    {"shl" BITS, D::lanes, Fn::shl, "TTu"},
    {"shr(.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64)", D::lanes, Fn::shr, "TTu"},
    {"shf.l.wrap.b32", D::lanes, Fn::shf, "TTTu", 0},
    {"shf.l.clamp.b32", D::lanes, Fn::shf, "TTTu", 1},
    {"shf.r.wrap.b32", D::lanes, Fn::shf, "TTTu", 2},
    {"shf.r.clamp.b32", D::lanes, Fn::shf, "TTTu", 3},
    {"popc" BIT_WORDS, D::lanes, Fn::popc, "uT"},
    {"clz" BIT_WORDS, D::lanes, Fn::clz, "uT"},
    {"brev" BIT_WORDS, D::lanes, Fn::brev, "TT"},
    {"bfind" WORDS_AND_LONGS, D::lanes, Fn::bfind, "uT"},
    {"bfind.shiftamt" WORDS_AND_LONGS, D::lanes, Fn::bfind, "uT", 1},
    {"fns.b32", D::lanes, Fn::fns, "TTuu"},
    {"bfe" WORDS_AND_LONGS, D::lanes, Fn::bfe, "TTuu"},
    {"bfi" BIT_WORDS, D::lanes, Fn::bfi, "TTTuu"},
    {"bmsk.clamp.b32", D::lanes, Fn::bmsk, "TTT"},
    {"bmsk.wrap.b32", D::lanes, Fn::bmsk, "TTT", 1},
    {"szext.clamp" WORDS, D::lanes, Fn::szext, "TTu"},
    {"szext.wrap" WORDS, D::lanes, Fn::szext, "TTu", 1},
    {"prmt.b32", D::lanes, Fn::prmt, "TTTT", 0},
    {"prmt.b32.f4e", D::lanes, Fn::prmt, "TTTT", 1},
    {"prmt.b32.b4e", D::lanes, Fn::prmt, "TTTT", 2},
    {"prmt.b32.rc8", D::lanes, Fn::prmt, "TTTT", 3},
    {"prmt.b32.ecl", D::lanes, Fn::prmt, "TTTT", 4},
    {"prmt.b32.ecr", D::lanes, Fn::prmt, "TTTT", 5},
    {"prmt.b32.rc16", D::lanes, Fn::prmt, "TTTT", 6},
};

static constexpr Rule floatRules[] = {
    {"add" RND "{.ftz}{.sat}.f32", D::lanes, Fn::add, "TTT"},
    {"sub" RND "{.ftz}{.sat}.f32", D::lanes, Fn::sub, "TTT"},
    {"mul" RND "{.ftz}{.sat}.f32", D::lanes, Fn::mul, "TTT"},
    {"mad" RND "{.ftz}{.sat}.f32", D::lanes, Fn::fma, "TTTT"},
    {"fma" MUST_RND "{.ftz}{.sat}.f32", D::lanes, Fn::fma, "TTTT"},
    {"div" MUST_RND "{.ftz}.f32", D::lanes, Fn::div, "TTT"},
    {"div(.approx|.full){.ftz}.f32", D::lanes, Fn::div, "TTT"},
    {"rcp" MUST_RND "{.ftz}.f32", D::lanes, Fn::rcp, "TT"},
    {"rcp.approx{.ftz}.f32", D::lanes, Fn::rcp, "TT"},
    {"sqrt" MUST_RND "{.ftz}.f32", D::lanes, Fn::sqrt, "TT"},
    {"sqrt.approx{.ftz}.f32", D::lanes, Fn::sqrt, "TT"},
    {"rsqrt.approx{.ftz}.f32", D::lanes, Fn::rsqrt, "TT"},
    {"sin.approx{.ftz}.f32", D::lanes, Fn::sin, "TT"},
    {"cos.approx{.ftz}.f32", D::lanes, Fn::cos, "TT"},
    {"lg2.approx{.ftz}.f32", D::lanes, Fn::lg2, "TT"},
    {"ex2.approx{.ftz}.f32", D::lanes, Fn::ex2, "TT"},
    {"tanh.approx.f32", D::lanes, Fn::tanh, "TT"},
    {"abs{.ftz}.f32", D::lanes, Fn::abs, "TT"},
    {"neg{.ftz}.f32", D::lanes, Fn::neg, "TT"},
    {"min{.ftz}{.NaN}{.xorsign}{.abs}.f32", D::lanes, Fn::min, "TTT"},
    {"max{.ftz}{.NaN}{.xorsign}{.abs}.f32", D::lanes, Fn::max, "TTT"},
    {"copysign(.f32|.f64)", D::lanes, Fn::copysign, "TTT"},
    {"testp.finite(.f32|.f64)", D::lanes, Fn::testp, "pT", 0},
    {"testp.infinite(.f32|.f64)", D::lanes, Fn::testp, "pT", 1},
    {"testp.number(.f32|.f64)", D::lanes, Fn::testp, "pT", 2},
    {"testp.notanumber(.f32|.f64)", D::lanes, Fn::testp, "pT", 3},
    {"testp.normal(.f32|.f64)", D::lanes, Fn::testp, "pT", 4},
    {"testp.subnormal(.f32|.f64)", D::lanes, Fn::testp, "pT", 5},
    {"add" RND ".f64", D::lanes, Fn::add, "TTT"},
    {"sub" RND ".f64", D::lanes, Fn::sub, "TTT"},
    {"mul" RND ".f64", D::lanes, Fn::mul, "TTT"},
    {"mad" RND ".f64", D::lanes, Fn::fma, "TTTT"},
    {"fma" MUST_RND ".f64", D::lanes, Fn::fma, "TTTT"},
    {"div" MUST_RND ".f64", D::lanes, Fn::div, "TTT"},
    {"rcp" MUST_RND ".f64", D::lanes, Fn::rcp, "TT"},
    {"rcp.approx.ftz.f64", D::lanes, Fn::rcp, "TT", 1},
    {"sqrt" MUST_RND ".f64", D::lanes, Fn::sqrt, "TT"},
    {"rsqrt.approx{.ftz}.f64", D::lanes, Fn::rsqrt, "TT"},
    {"abs.f64", D::lanes, Fn::abs, "TT"},
    {"neg.f64", D::lanes, Fn::neg, "TT"},
    {"min.f64", D::lanes, Fn::min, "TTT"},
    {"max.f64", D::lanes, Fn::max, "TTT"},
};

static constexpr Rule halfRules[] = {
    {"add{.rn}{.ftz}{.sat}(.f16|.f16x2)", D::lanes, Fn::add, "TTT"},
    {"sub{.rn}{.ftz}{.sat}(.f16|.f16x2)", D::lanes, Fn::sub, "TTT"},
    {"mul{.rn}{.ftz}{.sat}(.f16|.f16x2)", D::lanes, Fn::mul, "TTT"},
    {"fma.rn{.ftz}{.sat}{.relu}(.f16|.f16x2)", D::lanes, Fn::fma, "TTTT"},
    {"add{.rn}(.bf16|.bf16x2)", D::lanes, Fn::add, "TTT"},
    {"sub{.rn}(.bf16|.bf16x2)", D::lanes, Fn::sub, "TTT"},
    {"mul{.rn}(.bf16|.bf16x2)", D::lanes, Fn::mul, "TTT"},
    {"fma.rn{.relu}(.bf16|.bf16x2)", D::lanes, Fn::fma, "TTTT"},
    {"neg{.ftz}(.f16|.f16x2|.bf16|.bf16x2)", D::lanes, Fn::neg, "TT"},
    {"abs{.ftz}(.f16|.f16x2|.bf16|.bf16x2)", D::lanes, Fn::abs, "TT"},
    {"min{.ftz}{.NaN}{.xorsign}{.abs}(.f16|.f16x2|.bf16|.bf16x2)", D::lanes, Fn::min, "TTT"},
    {"max{.ftz}{.NaN}{.xorsign}{.abs}(.f16|.f16x2|.bf16|.bf16x2)", D::lanes, Fn::max, "TTT"},
    {"ex2.approx{.ftz}(.f16|.f16x2|.bf16|.bf16x2)", D::lanes, Fn::ex2, "TT"},
    {"tanh.approx(.f16|.f16x2|.bf16|.bf16x2)", D::lanes, Fn::tanh, "TT"},
};

static constexpr Rule comparisonRules[] = {
    {"setp" COMPARE COMBINE "{.ftz}" COMPARED, D::setp, Fn::set},
    {"set" COMPARE COMBINE "{.ftz}(.u32|.s32|.f32|.u16|.s16|.f16|.bf16|.f16x2|.bf16x2)" COMPARED,
     D::set, Fn::set},
    {"selp" SCALARS, D::lanes, Fn::selp, "TTTp"},
    {"slct{.ftz}" SCALARS "(.s32|.f32)", D::lanes, Fn::slct, "TTTF"},
};

static constexpr Rule conversionRules[] = {
    {"mov(.pred|.b16|.b32|.b64|.u16|.u32|.u64|.s16|.s32|.s64|.f16|.bf16|.f16x2|.bf16x2|.f32|.f64)",
     D::mov, Fn::mov},
    {"cvt{.rn|.rz|.rm|.rp|.rni|.rzi|.rmi|.rpi}{.ftz}{.relu}{.sat}" CVT_TYPES CVT_TYPES, D::cvt,
     Fn::convert},
    {"cvt(.rn|.rna|.rz){.relu}{.satfinite}.tf32.f32", D::lanes, Fn::convert, "uu"},
    {"cvt(.rn|.rz){.relu}(.f16x2|.bf16x2).f32", D::lanes, Fn::convert, "uuu"},
    {"cvt.pack.sat(.u16|.s16).s32", D::lanes, Fn::convertPack, "uuu"},
    {"cvt.pack.sat(.u8|.s8).s32.b32", D::lanes, Fn::convertPack, "uuuu"},
    {"cvta{.to}(.global|.shared|.shared::cta|.local|.const|.param|.param::entry).u64", D::cvta},
    {"isspacep(.global|.shared|.shared::cta|.local|.const|.param|.param::entry)", D::isspacep},
};

static constexpr Rule memoryRules[] = {
    {"ld" ORDERS SCOPES SPACES CACHE EVICTION HINT PREFETCH "{.v2|.v4}" MEMORY_SCALARS, D::load},
    {"ld{.global}" CACHE ".nc" EVICTION HINT PREFETCH "{.v2|.v4}" MEMORY_SCALARS, D::load},
    {"ldu{.global}{.v2|.v4}" MEMORY_SCALARS, D::load},
    {"st" ORDERS SCOPES SPACES CACHE EVICTION HINT "{.v2|.v4}" MEMORY_SCALARS, D::store},
    {"prefetch{.global|.local}(.L1|.L2)", D::prefetch},
    {"prefetch.global(.L2::evict_last|.L2::evict_normal)", D::prefetch},
    {"prefetchu.L1", D::prefetch},
    {"prefetch{.param}.tensormap", D::prefetch},
};

static constexpr Rule controlRules[] = {
    {"bra{.uni}", D::branch},
    {"brx.idx{.uni}", D::branchIndexed},
    {"call{.uni}", D::call},
    {"ret{.uni}", D::ret},
    {"exit", D::exit},
    {"trap", D::trap},
    {"brkpt", D::nothing},
    {"nanosleep.u32", D::nothing},
    {"pmevent{.mask}", D::nothing},
};

static constexpr Rule barrierRules[] = {
    {"bar{.cta}.sync{.aligned}", D::barrier},
    {"bar{.cta}.arrive{.aligned}", D::barrier},
    {"bar{.cta}.red(.popc|.and|.or){.aligned}(.u32|.pred)", D::barrier},
    {"barrier{.cta}.sync{.aligned}", D::barrier},
    {"barrier{.cta}.arrive{.aligned}", D::barrier},
    {"barrier{.cta}.red(.popc|.and|.or){.aligned}(.u32|.pred)", D::barrier},
    {"membar(.cta|.gl|.sys|.gpu)", D::nothing},
    {"griddepcontrol(.wait|.launch_dependents)", D::nothing},
    {"fence.proxy.alias", D::nothing},
    {"fence.proxy.async{.global|.shared|.shared::cta|.shared::cluster}", D::proxyFence},
    {"fence.proxy.tensormap::generic(.acquire|.release)(.cta|.cluster|.gpu|.sys)", D::nothing},
    {"fence(.sc|.acq_rel|.acquire|.release)(.cta|.cluster|.gpu|.sys)", D::nothing},
};

static constexpr Rule mbarrierRules[] = {
    {"mbarrier.init" IN_SHARED, D::mbarrier},
    {"mbarrier.inval" IN_SHARED, D::mbarrier},
    {"mbarrier.pending_count.b64", D::mbarrierCount},
    {"mbarrier(.arrive|.arrive_drop)" RELEASE IN_SHARED, D::mbarrierArrive},
    {"mbarrier(.arrive|.arrive_drop).noComplete{.release}{.cta}" IN_SHARED, D::mbarrierArrive},
    {"mbarrier(.arrive|.arrive_drop).expect_tx" RELEASE IN_SHARED, D::mbarrierArrive},
    {"mbarrier(.expect_tx|.complete_tx){.relaxed}{.cta|.cluster}" IN_SHARED,
     D::mbarrierTransactions},
    {"mbarrier(.test_wait|.try_wait){.parity}" ACQUIRE IN_SHARED, D::mbarrierWait},
    {"cp.async.mbarrier.arrive{.noinc}" IN_SHARED, D::mbarrierCopies},
    {"fence.mbarrier_init.release.cluster", D::nothing},
};

static constexpr Rule warpRules[] = {
    {"bar.warp.sync", D::warpBarrier},
    {"shfl.sync(.up|.down|.bfly|.idx).b32", D::shuffle},
    {"vote.sync(.all|.any|.uni).pred", D::vote},
    {"vote.sync.ballot.b32", D::vote},
    {"match.any.sync" BIT_WORDS, D::match},
    {"match.all.sync" BIT_WORDS, D::match},
    {"redux.sync(.add|.min|.max)" WORDS, D::redux},
    {"redux.sync(.and|.or|.xor).b32", D::redux},
    {"activemask.b32", D::activeMask},
    {"elect.sync", D::elect},
};

static constexpr Rule atomicRules[] = {
    {"atom" ATOMIC "(.and|.or|.xor)" HINT BIT_WORDS, D::atom},
    {"atom" ATOMIC "(.cas|.exch)" HINT BITS, D::atom},
    {"atom" ATOMIC ".add" HINT "(.u32|.s32|.u64|.s64|.f32|.f64)", D::atom},
    {"atom" ATOMIC ".add.noftz" HINT "(.f16|.f16x2|.bf16|.bf16x2)", D::atom},
    {"atom" ATOMIC "(.inc|.dec)" HINT ".u32", D::atom},
    {"atom" ATOMIC "(.min|.max)" HINT WORDS_AND_LONGS, D::atom},
    {"red" ATOMIC "(.and|.or|.xor)" HINT BIT_WORDS, D::atom},
    {"red" ATOMIC ".add" HINT "(.u32|.s32|.u64|.s64|.f32|.f64)", D::atom},
    {"red" ATOMIC ".add.noftz" HINT "(.f16|.f16x2|.bf16|.bf16x2)", D::atom},
    {"red" ATOMIC "(.inc|.dec)" HINT ".u32", D::atom},
    {"red" ATOMIC "(.min|.max)" HINT WORDS_AND_LONGS, D::atom},
};

static constexpr Rule copyRules[] = {
    {"cp.async(.ca|.cg)(.shared|.shared::cta).global" HINT PREFETCH, D::cpAsync},
    {"cp.async.commit_group", D::cpAsyncCommit},
    {"cp.async.wait_group", D::cpAsyncWait},
    {"cp.async.wait_all", D::cpAsyncWait},
    {"cp.async.bulk(.shared::cluster|.shared::cta).global.mbarrier::complete_tx::bytes"
     "{.L2::cache_hint}",
     D::bulkCopy},
    {"cp.async.bulk.tensor(.1d|.2d|.3d|.4d|.5d)(.shared::cluster|.shared::cta).global{.tile}"
     ".mbarrier::complete_tx::bytes{.L2::cache_hint}",
     D::tensorCopy},
    {"cp.async.bulk.global.shared::cta.bulk_group{.L2::cache_hint}", D::bulkCopy},
    {"cp.async.bulk.tensor(.1d|.2d|.3d|.4d|.5d).global.shared::cta{.tile}.bulk_group"
     "{.L2::cache_hint}",
     D::tensorCopy},
    {"cp.async.bulk.commit_group", D::bulkCommit},
    {"cp.async.bulk.wait_group{.read}", D::bulkWait},
    {"cp.async.bulk.prefetch.L2.global{.L2::cache_hint}", D::prefetch},
    {"cp.async.bulk.prefetch.tensor(.1d|.2d|.3d|.4d|.5d).L2.global{.tile}{.L2::cache_hint}",
     D::prefetch},
    {"tensormap.replace.tile(.global_address|.rank|.box_dim|.global_dim|.global_stride"
     "|.element_stride|.elemtype|.interleave_layout|.swizzle_mode|.fill_mode)"
     "{.global|.shared::cta}.b1024" BIT_WORDS,
     D::tensorMap},
    {"tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release"
     "(.cta|.cluster|.gpu|.sys).sync.aligned",
     D::tensorMapCopy},
    {"createpolicy.fractional(.L2::evict_last|.L2::evict_normal|.L2::evict_first"
     "|.L2::evict_unchanged){.L2::evict_first|.L2::evict_unchanged}.b64",
     D::createPolicy},
    {"applypriority{.global}.L2::evict_normal", D::nothing},
    {"discard{.global}.L2", D::nothing},
};

static constexpr Rule matrixRules[] = {
    {"ldmatrix.sync.aligned.m8n8(.x1|.x2|.x4){.trans}{.shared|.shared::cta}.b16", D::ldmatrix},
    {"stmatrix.sync.aligned.m8n8(.x1|.x2|.x4){.trans}{.shared|.shared::cta}.b16", D::stmatrix},
    {"mma.sync.aligned(.m16n8k8|.m16n8k16).row.col(.f16|.f32).f16.f16(.f16|.f32)", D::mma},
    {"mma.sync.aligned(.m16n8k8|.m16n8k16).row.col.f32.bf16.bf16.f32", D::mma},
    {"mma.sync.aligned(.m16n8k4|.m16n8k8).row.col.f32.tf32.tf32.f32", D::mma},
    {"wmma.load(.a|.b).sync.aligned(.row|.col)" WMMA_SHAPES "{.global|.shared|.shared::cta}"
     "(.f16|.bf16)",
     D::wmmaLoad},
    {"wmma.load(.a|.b).sync.aligned(.row|.col).m16n16k8{.global|.shared|.shared::cta}.tf32",
     D::wmmaLoad},
    {"wmma.load.c.sync.aligned(.row|.col)" WMMA_SHAPES "{.global|.shared|.shared::cta}(.f16|.f32)",
     D::wmmaLoad},
    {"wmma.load.c.sync.aligned(.row|.col).m16n16k8{.global|.shared|.shared::cta}.f32", D::wmmaLoad},
    {"wmma.store.d.sync.aligned(.row|.col)" WMMA_SHAPES "{.global|.shared|.shared::cta}(.f16|.f32)",
     D::wmmaStore},
    {"wmma.store.d.sync.aligned(.row|.col).m16n16k8{.global|.shared|.shared::cta}.f32",
     D::wmmaStore},
    {"wmma.mma.sync.aligned(.row|.col)(.row|.col)" WMMA_SHAPES "(.f16|.f32)(.f16|.f32)", D::wmma},
    {"wmma.mma.sync.aligned(.row|.col)(.row|.col)" WMMA_SHAPES ".f32.bf16.bf16.f32", D::wmma},
    {"wmma.mma.sync.aligned(.row|.col)(.row|.col).m16n16k8.f32.tf32.tf32.f32", D::wmma},
    {"setmaxnreg(.inc|.dec).sync.aligned.u32", D::setRegisters},
    {"wgmma.fence.sync.aligned", D::wgmmaFence},
    {"wgmma.commit_group.sync.aligned", D::wgmmaCommit},
    {"wgmma.wait_group.sync.aligned", D::wgmmaWait},
    {"wgmma.mma_async.sync.aligned" WGMMA_SHAPES(16) ".f32.f16.f16", D::wgmma},
    {"wgmma.mma_async.sync.aligned" WGMMA_SHAPES(16) ".f32.bf16.bf16", D::wgmma},
    {"wgmma.mma_async.sync.aligned" WGMMA_SHAPES(8) ".f32.tf32.tf32", D::wgmma},
};

static constexpr RuleGroup groups[] = {
    {"Integer arithmetic", integerRules},
    {"Logic, shifts, bit fields", bitRules},
    {"f32 and f64", floatRules},
    {"f16 and bf16, single and in pairs", halfRules},
    {"Comparison and selection", comparisonRules},
    {"Moves and conversions", conversionRules},
    {"Memory", memoryRules},
    {"Control", controlRules},
    {"Barriers and fences", barrierRules},
    {"Barriers in shared memory", mbarrierRules},
    {"Within a warp", warpRules},
    {"Atomic operations", atomicRules},
    {"Asynchronous copies and cache policies", copyRules},
    {"Matrices", matrixRules},
};

llvm::ArrayRef<RuleGroup> poolc::vgpu::instructionTable() { return groups; }
