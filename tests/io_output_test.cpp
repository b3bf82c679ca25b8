// Outputs that are no plain new file: symbolic links, devices, FIFOs, sockets, descriptors.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "io/artifacts.hpp"
#include "io/descriptor.hpp"
#include "io/output_file.hpp"
#include "io/output_target.hpp"
#include "io/provenance.hpp"
#include "io/rows/row_spool.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::TempDir;

std::string read_all(int descriptor) {
  std::string bytes;
  char chunk[4096];
  for (ssize_t got = 0; (got = read(descriptor, chunk, sizeof(chunk))) > 0;) bytes.append(chunk, got);
  return bytes;
}

// What another process would see that opened the FIFO for reading.
class FifoReader {
 public:
  explicit FifoReader(const fs::path& path)
      : thread_([this, path] {
          const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
          bytes_ = read_all(descriptor);
          close(descriptor);
        }) {}
  std::string bytes() {
    thread_.join();
    return bytes_;
  }

 private:
  std::string bytes_;
  std::thread thread_;
};

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

TEST(OutputFile, OfASymlinkTheTargetIsWrittenAndTheLinkStays) {
  const TempDir dir;
  const auto target = dir.write("data/real.jsonl", "old");
  fs::create_symlink("data/real.jsonl", dir / "second");
  fs::create_symlink("second", dir / "link");
  write_file(dir / "link", "new");
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_EQ(read_file(target), "new");
  EXPECT_EQ(files_in(dir / "data"), 1U);
  fs::create_symlink("data/none.jsonl", dir / "dangling");
  write_file(dir / "dangling", "made");
  EXPECT_EQ(read_file(dir / "data/none.jsonl"), "made");
  fs::create_symlink("circle", dir / "circle");
  EXPECT_THROW(write_file(dir / "circle", "x"), Error);
}

TEST(OutputFile, AFifoIsWrittenToAndStays) {
  const TempDir dir;
  ASSERT_EQ(mkfifo((dir / "fifo").c_str(), 0600), 0);
  FifoReader reader(dir / "fifo");
  write_file(dir / "fifo", "rows\n");
  EXPECT_EQ(reader.bytes(), "rows\n");
  EXPECT_TRUE(fs::is_fifo(dir / "fifo"));
  EXPECT_EQ(files_in(dir.path()), 1U);
}

TEST(OutputFile, ADeviceIsWrittenToAndStays) {
  const TempDir dir;
  const auto device = dir / "null";  // a /dev/null of our own
  if (mknod(device.c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0) GTEST_SKIP() << "may not make device nodes";
  const int probe = open(device.c_str(), O_WRONLY | O_CLOEXEC);
  if (probe < 0) GTEST_SKIP() << "device nodes do not open here";
  close(probe);
  write_file(device, "rows\n");
  {
    const OutputFile left_without_commit(device);
  }
  EXPECT_TRUE(fs::is_character_file(device));
  EXPECT_EQ(files_in(dir.path()), 1U);
}

TEST(OutputFile, ADescriptorIsWrittenToAndStays) {
  const TempDir dir;
  const int own = open((dir / "redirected").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(write(own, "before\n", 7), 7);
  struct stat before = {};
  fstat(own, &before);
  for (const char* folder : {"/dev/fd/", "/proc/self/fd/"}) write_file(folder + std::to_string(own), "rows\n");
  close(own);
  struct stat after = {};
  ASSERT_EQ(stat((dir / "redirected").c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(read_file(dir / "redirected"), "before\nrows\nrows\n") << "behind what stands there, as a shell would";
}

TEST(OutputFile, ASocketIsWrittenToAndStays) {
  const TempDir dir;
  const auto path = dir / "socket";
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.string().size() >= sizeof(address.sun_path)) GTEST_SKIP() << "the temporary folder's name is too long";
  std::strcpy(address.sun_path, path.c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  write_file(path, "rows\n");
  const int connection = accept(listener, nullptr, nullptr);
  EXPECT_EQ(read_all(connection), "rows\n");
  EXPECT_TRUE(fs::is_socket(path));
  close(connection);
  close(listener);
}

TEST(OutputFolder, OfASymlinkTheTargetIsReplacedAndTheLinkStays) {
  const TempDir dir;
  (void)dir.write("disk/cache/old", "1");
  fs::create_directory_symlink("disk/cache", dir / "cache");
  OutputFolder folder(dir / "cache");
  write_file(folder.path() / "new", "2");
  folder.commit();
  EXPECT_TRUE(fs::is_symlink(dir / "cache"));
  EXPECT_EQ(read_file(dir / "disk/cache/new"), "2");
  EXPECT_EQ(files_in(dir / "disk/cache"), 1U);
}

TEST(Provenance, WritesNothingBesideAStream) {
  const TempDir dir;
  ASSERT_EQ(mkfifo((dir / "fifo").c_str(), 0600), 0);
  const Provenance provenance("test", false);
  provenance.write(dir / "fifo", "role", "00", 1);
  provenance.write("/dev/stdout", "role", "00", 1);
  EXPECT_EQ(files_in(dir.path()), 1U);
  provenance.write(dir / "artifact", "role", "00", 1);
  EXPECT_TRUE(fs::exists(meta_path(dir / "artifact")));
}

TEST(ScratchFolder, IsTheOutputsUnlessThatIsAStream) {
  const TempDir dir;
  EXPECT_EQ(scratch_folder(dir / "rows.jsonl"), dir.path());
  EXPECT_EQ(scratch_folder("/dev/null"), fs::temp_directory_path());
  EXPECT_EQ(scratch_folder("-"), fs::temp_directory_path());
  RowSpool spool("/dev/null");
  EXPECT_EQ(spool.append({{"a", 1}}), 0U);
}

// A SIGKILL at any moment then leaves nothing behind.
TEST(UnnamedFile, HasNoNameInItsFolder) {
  const TempDir dir;
  const Descriptor file = open_unnamed_file(dir / "made");
  EXPECT_TRUE(file.is_open());
  EXPECT_EQ(files_in(dir / "made"), 0U);
}

TEST(Leftovers, OfProcessesThatAreGoneAreRemoved) {
  const TempDir dir;
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  ASSERT_EQ(waitpid(gone, nullptr, 0), gone);
  const auto of = [](pid_t pid) { return "rows.tmp." + std::to_string(pid); };
  for (const std::string& name :
       {of(gone), of(gone) + ".aB3xYz", of(getppid()), std::string("rows.tmp."), "other.tmp." + std::to_string(gone)}) {
    (void)dir.write(name, "");
  }
  remove_leftovers(dir / "rows");
  EXPECT_EQ(files_in(dir.path()), 3U);
  EXPECT_FALSE(fs::exists(dir / of(gone)));
}

TEST(OutputFolder, ItsFilesComeToTheDiskWithIt) {
  const TempDir dir;
  OutputFolder folder(dir / "out");
  auto file = OutputFile::in_folder(folder.path() / "below/a");
  file.write("bytes");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "below/a")) << "not before commit()";
  EXPECT_EQ(file.commit(), "") << "nobody asks for its hash";
  write_folder_file(folder.path() / "b", "more");
  folder.sync();
  EXPECT_FALSE(std::filesystem::exists(dir / "out"));
  folder.commit();
  EXPECT_EQ(test::read_file(dir / "out/below/a"), "bytes");
  EXPECT_EQ(test::read_file(dir / "out/b"), "more");
}

TEST(OutputFile, WithoutAHashHasTheSameBytes) {
  TempDir dir;
  OutputFile file(dir / "out.txt");
  file.forgo_hash();
  file.write("one\n");
  EXPECT_EQ(file.commit(), "");
  EXPECT_EQ(test::read_file(dir / "out.txt"), "one\n");
}

}  // namespace
}  // namespace persona4rec
