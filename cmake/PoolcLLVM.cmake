# Finds the distribution's LLVM and MLIR and makes them link statically.

set(POOLC_LLVM_VERSION 22.1)
find_package(MLIR ${POOLC_LLVM_VERSION} REQUIRED CONFIG)
message(STATUS "poolc: LLVM ${LLVM_PACKAGE_VERSION} in ${LLVM_INSTALL_PREFIX}")

list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
separate_arguments(POOLC_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
add_definitions(${POOLC_LLVM_DEFINITIONS})

# The packaged MLIR libraries name the shared libLLVM in their link interface.
# Linking them as they are gives a program with two copies of LLVM, one of them
# incomplete; the tools link LLVM's static components instead.
set(LLVM_LINK_LLVM_DYLIB OFF)
get_property(_mlir_libs GLOBAL PROPERTY MLIR_ALL_LIBS)
foreach(_lib IN LISTS _mlir_libs)
  if(TARGET ${_lib})
    get_target_property(_interface ${_lib} INTERFACE_LINK_LIBRARIES)
    if(_interface)
      list(REMOVE_ITEM _interface LLVM)
      set_target_properties(${_lib} PROPERTIES INTERFACE_LINK_LIBRARIES "${_interface}")
    endif()
  endif()
endforeach()

# The packages name z3 and the shared compression libraries. z3 is used by no
# component that is linked here; the compression libraries exist as archives.
foreach(_lib LLVMSupport)
  get_target_property(_interface ${_lib} INTERFACE_LINK_LIBRARIES)
  set(_kept)
  foreach(_entry IN LISTS _interface)
    if(_entry MATCHES "z3|Z3")
      continue()
    elseif(_entry MATCHES "ZLIB::ZLIB|libz\\.so")
      list(APPEND _kept libz.a)
    elseif(_entry MATCHES "zstd")
      list(APPEND _kept libzstd.a)
    else()
      list(APPEND _kept "${_entry}")
    endif()
  endforeach()
  set_target_properties(${_lib} PROPERTIES INTERFACE_LINK_LIBRARIES "${_kept}")
endforeach()

# What every program that emits PTX links of LLVM.
llvm_map_components_to_libnames(POOLC_LLVM_LIBS
  NVPTXCodeGen NVPTXDesc NVPTXInfo Passes Core Support Target MC Linker IRReader
  AsmParser BitReader BitWriter TransformUtils Analysis BinaryFormat TargetParser
  Remarks FrontendOpenMP FrontendOffloading)
