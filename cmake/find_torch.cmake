# Imports LibTorch as p4r_torch. scripts/setup.sh puts the CPU wheel under build/deps/libtorch; Torch_DIR wins over it.
#
# The wheel's own CMake package pulls in global compile flags and, with a CUDA build, a whole toolkit; all this project
# needs is its headers and libraries, and its headers must stay system headers (they do not pass -Wconversion).
if(NOT Torch_DIR)
  if(DEFINED ENV{Torch_DIR})
    set(Torch_DIR $ENV{Torch_DIR})
  else()
    set(Torch_DIR ${PROJECT_SOURCE_DIR}/build/deps/libtorch/torch/share/cmake/Torch)
  endif()
endif()
if(NOT EXISTS ${Torch_DIR}/TorchConfig.cmake)
  message(FATAL_ERROR "LibTorch not found: no TorchConfig.cmake in ${Torch_DIR}. Run scripts/setup.sh, or set Torch_DIR.")
endif()
get_filename_component(P4R_TORCH_ROOT ${Torch_DIR}/../../.. ABSOLUTE)
file(GLOB P4R_TORCH_LIBS ${P4R_TORCH_ROOT}/lib/libtorch.so ${P4R_TORCH_ROOT}/lib/libtorch_cpu.so
     ${P4R_TORCH_ROOT}/lib/libc10.so ${P4R_TORCH_ROOT}/lib/libtorch_cuda.so ${P4R_TORCH_ROOT}/lib/libc10_cuda.so)
add_library(p4r_torch INTERFACE)
target_include_directories(p4r_torch SYSTEM INTERFACE ${P4R_TORCH_ROOT}/include
                           ${P4R_TORCH_ROOT}/include/torch/csrc/api/include)
# --no-as-needed: the CUDA libraries register themselves when loaded, no symbol asks for them. stdc++ before them: some of
# LibTorch's libraries export parts of the standard library that they were built with, which would be found first.
target_link_libraries(p4r_torch INTERFACE -Wl,--no-as-needed stdc++ ${P4R_TORCH_LIBS} -Wl,--as-needed)

# ---- several processes (src/encoder/ranks) ----------------------------------------------------------------------------
# c10d with Gloo, and with NCCL where LibTorch has CUDA and NCCL's headers are there (the wheels of both lie side by side).
# Without Gloo everything builds and runs, alone.
function(p4r_try_c10d result backend)
  if(DEFINED ${result})
    return()
  endif()
  set(source ${CMAKE_BINARY_DIR}/try_${backend}.cpp)
  file(WRITE ${source} "#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup${backend}.hpp>
int main() {
  const auto store = c10::make_intrusive<c10d::TCPStore>(\"localhost\", c10d::TCPStoreOptions());
  c10d::ProcessGroup${backend}(store, 0, 1, c10d::ProcessGroup${backend}::Options::create());
}\n")
  try_compile(${result} ${CMAKE_BINARY_DIR}/try_${backend} ${source}
    CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${P4R_TORCH_ROOT}/include;${P4R_TORCH_ROOT}/include/torch/csrc/api/include;${ARGN}"
    COMPILE_DEFINITIONS -DUSE_C10D_GLOO -DUSE_C10D_NCCL LINK_LIBRARIES -Wl,--no-as-needed ${P4R_TORCH_LIBS} -Wl,--as-needed CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
  message(STATUS "LibTorch's c10d with ${backend}: ${${result}}")
endfunction()

add_library(p4r_c10d INTERFACE)
set(P4R_GLOO_NAMES ${CMAKE_CURRENT_LIST_DIR}/gloo_names)
p4r_try_c10d(P4R_HAS_GLOO Gloo ${P4R_GLOO_NAMES})
if(P4R_HAS_GLOO)
  target_compile_definitions(p4r_c10d INTERFACE P4R_HAS_GLOO USE_C10D_GLOO)
  target_include_directories(p4r_c10d SYSTEM INTERFACE ${P4R_GLOO_NAMES})
endif()
if(P4R_HAS_GLOO AND EXISTS ${P4R_TORCH_ROOT}/lib/libtorch_cuda.so)
  find_path(P4R_NCCL_INCLUDE nccl.h HINTS ${P4R_TORCH_ROOT}/../nvidia/nccl/include)
  file(GLOB wheels ${P4R_TORCH_ROOT}/../nvidia/*/include)
  find_path(P4R_CUDA_INCLUDE cuda_runtime_api.h HINTS ${wheels} /usr/local/cuda/include)
  if(P4R_NCCL_INCLUDE AND P4R_CUDA_INCLUDE)
    p4r_try_c10d(P4R_HAS_NCCL NCCL ${P4R_NCCL_INCLUDE} ${P4R_CUDA_INCLUDE})
  endif()
  if(P4R_HAS_NCCL)
    target_compile_definitions(p4r_c10d INTERFACE P4R_HAS_NCCL USE_C10D_NCCL)
    target_include_directories(p4r_c10d SYSTEM INTERFACE ${P4R_NCCL_INCLUDE} ${P4R_CUDA_INCLUDE})
  endif()
endif()
