#ifdef P4R_HAS_GLOO

#include "encoder/ranks/rank_backends.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#ifdef P4R_HAS_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace persona4rec {
namespace {

// Who is slow is found by RankPulse, not by a limit on how long a step may take.
constexpr std::chrono::hours kNoLimit{24 * 7};

// The address by which this machine reaches rank 0's; empty where there is no way, and Gloo then takes the host's name.
std::string own_address(const Launch& launch) {
  const addrinfo hints{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
  addrinfo* found = nullptr;
  if (::getaddrinfo(launch.address.c_str(), std::to_string(launch.port).c_str(), &hints, &found) != 0) return {};
  std::string address;
  for (const addrinfo* one = found; one != nullptr && address.empty(); one = one->ai_next) {
    const int file = ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, 0);
    if (file < 0) continue;
    sockaddr_storage own{};
    socklen_t size = sizeof(own);
    char text[NI_MAXHOST] = {};
    auto* generic = reinterpret_cast<sockaddr*>(&own);
    if (::connect(file, one->ai_addr, one->ai_addrlen) == 0 && ::getsockname(file, generic, &size) == 0 &&
        ::getnameinfo(generic, size, text, sizeof(text), nullptr, 0, NI_NUMERICHOST) == 0) {
      address = text;
    }
    ::close(file);
  }
  ::freeaddrinfo(found);
  return address;
}

std::shared_ptr<gloo::transport::Device> open_network(const Launch& launch) {
  using Gloo = c10d::ProcessGroupGloo;
  if (const char* name = std::getenv("GLOO_SOCKET_IFNAME"); name != nullptr && *name != '\0')
    return Gloo::createDeviceForInterface(name);
  const std::string address = own_address(launch);
  return address.empty() ? Gloo::createDefaultDevice() : Gloo::createDeviceForHostname(address);
}

}  // namespace

bool has_device_backend([[maybe_unused]] const at::Device& device) {
#ifdef P4R_HAS_NCCL
  return device.is_cuda();
#else
  return false;
#endif
}

at::Device rank_device(const Launch& launch) {
  return {at::kCUDA, static_cast<c10::DeviceIndex>(launch.local_rank)};
}

c10::intrusive_ptr<c10d::Backend> open_rank_backend(const c10::intrusive_ptr<c10d::Store>& store, const Launch& launch,
                                                    [[maybe_unused]] const at::Device& device,
                                                    std::chrono::milliseconds join) {
  const auto rank = static_cast<int>(launch.rank);
  const auto size = static_cast<int>(launch.size);
#ifdef P4R_HAS_NCCL
  if (device.is_cuda()) return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size);
#endif
  const auto options = c10d::ProcessGroupGloo::Options::create(join);
  options->devices.push_back(open_network(launch));
  const auto backend = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
  options->timeout = kNoLimit;  // of the collectives, which take it from here
  return backend;
}

}  // namespace persona4rec

#endif
