// The stored (uncompressed) members of a zip archive in memory, as torch.save writes them; zip64 included.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>

namespace persona4rec {

// Member name -> its bytes, views into `file`. Throws Error kInput naming `path`: no zip archive, truncated, a
// compressed member.
[[nodiscard]] std::map<std::string, std::span<const std::byte>> read_stored_zip(const std::filesystem::path& path,
                                                                                std::span<const std::byte> file);

}  // namespace persona4rec
