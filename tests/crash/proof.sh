#!/usr/bin/env bash
# What the kernel saw of a night is what the campaigns see: as many writes, truncations, syncs, new
# folders, renames and removals, and no system call that could change a file otherwise.
set -eu
command -v strace >/dev/null || { echo "proof: no strace here, skipped"; exit 0; }
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
strace -f -o "$dir/all" "$1" "$dir/seen" 2>/dev/null || { echo "proof: strace may not be used here, skipped"; exit 0; }
sed -n '/the night begins/,/the night ends/p' "$dir/all" | sed -E 's/^[0-9]+ +//; s/\(.*//' |
  grep -E '^[a-z_0-9]+$' | sort | uniq -c | awk '{ print $2, $1 }' >"$dir/calls"
count() { awk -v names=" $* " 'index(names, " " $1 " ") { n += $2 } END { print n + 0 }' "$dir/calls"; }
bad=0
while read -r kind n; do
  case $kind in
  write) kernel=$(count write pwrite64 writev pwritev) ;;
  truncate) kernel=$(count ftruncate truncate) ;;
  sync) kernel=$(count fsync fdatasync) ;;
  mkdir) kernel=$(count mkdir mkdirat) ;;
  rename) kernel=$(count rename renameat renameat2) ;;
  remove) kernel=$(count unlink unlinkat rmdir) ;;
  esac
  [ "$kernel" = "$n" ] || { echo "proof: the kernel saw $kernel calls of $kind, the campaigns $n"; bad=1; }
done <"$dir/seen"
# Opening is seen by the campaigns too; these look, map memory, lock, wait.
harmless='access faccessat2 openat close read pread64 lseek fcntl flock getdents64 newfstatat fstat stat lstat statx readlink
  geteuid getpid getcwd brk mmap munmap mprotect mremap madvise futex getrandom clock_gettime gettimeofday time
  rt_sigaction rt_sigprocmask clone3 clone set_robust_list rseq exit sched_getaffinity gettid tgkill sysinfo prctl'
# It only begins the writing of what a sync waits for later.
harmless="$harmless sync_file_range"
# SQLite gives a journal the owner and the rights of its database.
harmless="$harmless fchown fchmod"
changing='write pwrite64 ftruncate fsync fdatasync mkdir mkdirat rename renameat renameat2 unlink unlinkat rmdir'
while read -r name n; do
  case " $(echo $harmless $changing) " in
  *" $name "*) ;;
  *) echo "proof: $n calls of $name, which no campaign knows"; bad=1 ;;
  esac
done <"$dir/calls"
[ $bad -eq 0 ] && echo "proof: the kernel saw what the campaigns see ($(awk '{ n += $2 } END { print n }' "$dir/seen") changes and syncs)"
exit $bad
