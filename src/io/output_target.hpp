// What an output path stands for: a name that a finished file is renamed to, or something that is written to as it is;
// and the names that files have until they are finished.
// Thread-safety: re-entrant.
#pragma once

#include <filesystem>

#include "io/descriptor.hpp"

namespace persona4rec {

// "-" (stdout), and whatever is there and is neither a regular file nor a folder, symbolic links followed: a device, a
// FIFO, a socket, /dev/stdout, /dev/fd/N, >(command). It is written to, never replaced, and gets no files beside it.
[[nodiscard]] bool is_stream(const std::filesystem::path& output);

// The path with the symbolic link that it may be (not those of its folders) followed to the end: writing leaves the
// link as it is. A link to nothing leads to the name that it holds. Throws Error kOutput: links in a circle.
[[nodiscard]] std::filesystem::path follow_link(const std::filesystem::path& output);

// Opens what is_stream() says yes to. Waits for the reader of a FIFO. Throws Error kOutput.
[[nodiscard]] Descriptor open_stream(const std::filesystem::path& output);

// Where temporary files of the stage that writes `output` go: its folder, or the system's for a stream.
[[nodiscard]] std::filesystem::path scratch_folder(const std::filesystem::path& output);

// "<name>.tmp.<pid>": what is written before it is renamed to `target`.
[[nodiscard]] std::filesystem::path temporary_of(const std::filesystem::path& target);

// Removes what killed runs left: names that begin as temporary_of(target) does, of processes that are gone.
void remove_leftovers(const std::filesystem::path& target);

}  // namespace persona4rec
