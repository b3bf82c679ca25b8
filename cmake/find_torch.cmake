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
# --no-as-needed: the CUDA libraries register themselves when loaded, no symbol asks for them.
target_link_libraries(p4r_torch INTERFACE -Wl,--no-as-needed ${P4R_TORCH_LIBS} -Wl,--as-needed)
