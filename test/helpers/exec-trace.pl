#!/usr/bin/perl
# exec-trace.pl OUT -p PID | OUT COMMAND...: writes each program that is started by a process or by what it starts, one a line:
# its file, its arguments and its whole environment. Unlike strace(1) on a process that runs already it stops nobody at other
# system calls (ptrace(2): PTRACE_SEIZE with PTRACE_O_TRACEEXEC), so that the host runs at its own speed.
use strict;
use warnings;
use POSIX ();

my ($out, @words) = @ARGV;
my ($ptrace, $wait) = (POSIX::uname())[4] eq 'aarch64' ? (117, 260) : (101, 61);
my ($cont, $seize, $listen) = (7, 0x4206, 0x4208);
my ($fork, $vfork, $clone, $exec) = (1, 2, 3, 4);
my $options = 1 << $fork | 1 << $vfork | 1 << $clone | 1 << $exec;
my $every_child = 0x40000000;    # __WALL
my $event_stop = 128;

open(my $record, '>>', $out) or die "$out: $!\n";
my ($main, $code, $ended) = (0, 0, 0);
$SIG{INT} = sub { $ended = 1 };
if ($words[0] eq '-p') {
  seize($_) for map { m{/(\d+)$} } glob "/proc/$words[1]/task/*";
} else {
  pipe(my $ready, my $go) or die "pipe: $!\n";
  $main = fork() // die "fork: $!\n";
  if ($main == 0) {
    close $go;
    <$ready>;
    exec {$words[0]} @words or die "$words[0]: $!\n";
  }
  close $ready;
  seize($main);
  close $go;
}

until ($ended) {
  # waitpid of perl's own leaves out why a process stopped (wait4(2)).
  my $packed = pack 'i', 0;
  my $pid = syscall($wait, -1, $packed, $every_child, 0);
  next if $pid == -1 && $!{EINTR};
  last if $pid == -1;
  my $status = unpack 'i', $packed;
  if (($status & 0xff) != 0x7f) {
    $code = $status & 0x7f ? 128 + ($status & 0x7f) : $status >> 8 if $pid == $main;
    next;
  }
  my ($signal, $event) = ($status >> 8 & 0xff, $status >> 16);
  note($pid) if $event == $exec;
  my $halts = grep { $signal == $_ } POSIX::SIGSTOP, POSIX::SIGTSTP, POSIX::SIGTTIN, POSIX::SIGTTOU;
  # One that is gone meanwhile cannot go on, and need not.
  syscall($ptrace, $event == $event_stop && $halts ? $listen : $cont, $pid, 0, $event == 0 ? $signal : 0);
}
exit $code;

sub seize {
  syscall($ptrace, $seize, $_[0] + 0, 0, $options) == 0 or die "ptrace $_[0]: $!\n";
}

sub note {
  my ($pid) = @_;
  my $words = join ' ', map { quoted($_) } readlink("/proc/$pid/exe") // '', split /\0/, content("/proc/$pid/cmdline"), -1;
  my $values = join ' ', map { quoted($_) } split /\0/, content("/proc/$pid/environ");
  syswrite $record, "$pid exec $words with $values\n";
}

sub content {
  open(my $file, '<:raw', $_[0]) or return '';
  local $/;
  return <$file> // '';
}

sub quoted {
  (my $text = $_[0]) =~ s/([\\"\n])/$1 eq "\n" ? '\n' : "\\$1"/ge;
  return qq{"$text"};
}
