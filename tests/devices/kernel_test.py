"""Our drivers before a real kernel: starts Debian's kernel in QEMU with USB gadgets on a dummy host controller and runs
hardware_test in it, which prints through /dev/usb/lp0, reads /dev/ttyACM0 and takes a keyboard away from everybody else.

    kernel_test.py --build DIR [--keep]

The kernel is the machine's own where it has the modules, else Debian's package, unpacked below the build folder.
"""
import argparse
import gzip
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# In the order of loading.
MODULES = ["usb-common", "usbcore", "udc-core", "configfs", "libcomposite", "dummy_hcd", "u_serial", "usb_f_acm", "usb_f_printer", "usblp",
           "cdc-acm", "evdev", "uinput"]
INIT = """#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
for module in MODULES; do insmod /modules/$module.ko || echo "no module $module"; done
mount -t configfs config /sys/kernel/config
mkdir -p /sys/kernel/config/usb_gadget/g && cd /sys/kernel/config/usb_gadget/g
echo 0x04b8 >idVendor; echo 0x0e15 >idProduct
mkdir strings/0x409; echo S1 >strings/0x409/serialnumber; echo Obol >strings/0x409/manufacturer; echo counter >strings/0x409/product
mkdir configs/c.1 functions/acm.0 functions/printer.0
ln -s functions/acm.0 functions/printer.0 configs/c.1
echo dummy_udc.0 >UDC
cd /; /hardware_test --gtest_color=no; echo "hardware_test said $?"
poweroff -f
"""


def own_kernel():
    release = subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True).stdout.strip()
    return pathlib.Path(f"/boot/vmlinuz-{release}"), pathlib.Path("/lib/modules") / release


def debians_kernel(folder):
    def found():
        return next(folder.glob("boot/vmlinuz-*"), None), next(folder.glob("lib/modules/*"), None)
    if None in found():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        depends = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=True).stdout
        package = re.search(r"Depends: (linux-image-\S+)", depends).group(1)
        subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["dpkg", "-x", next(folder.glob("*.deb")), folder], check=True)
    return found()


def modules_of(folder):
    found = {}
    for path in folder.rglob("*.ko*"):
        name = path.name.split(".ko")[0].replace("-", "_")
        if name in {m.replace("-", "_") for m in MODULES}:
            found[name] = path
    return found


def kernel(build):
    for image, modules in (own_kernel(), debians_kernel(build / "kernel")):
        if image.is_file() and "dummy_hcd" in modules_of(modules):
            return image, modules_of(modules)
    sys.exit("no kernel with dummy_hcd was found")


def libraries(program):
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r"(/\S+\.so\S*)", listed)))


def ramdisk(build, folder, modules):
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bin", "proc", "sys", "dev", "tmp", "modules", "config"):
        (folder / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", folder / "bin/busybox")
    for name in ("sh", "mount", "insmod", "mkdir", "ln", "echo", "poweroff"):
        (folder / "bin" / name).symlink_to("busybox")
    for name, path in modules.items():
        if path.suffix != ".ko":
            sys.exit(f"{path}: packed modules are not read here; remove that kernel's and let Debian's be fetched")
        shutil.copy(path, folder / "modules" / f"{name}.ko")
    program = build / "tests" / "hardware_test"
    shutil.copy(program, folder / "hardware_test")
    subprocess.run(["strip", folder / "hardware_test"], check=True)
    for library in libraries(program):
        where = folder / library.lstrip("/")
        where.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, where)
    shutil.copytree(ROOT / "config/printers", folder / "config/printers")
    init = folder / "init"
    init.write_text(INIT.replace("MODULES", " ".join(m.replace("-", "_") for m in MODULES)))
    init.chmod(0o755)
    names = subprocess.run(["find", ".", "-print0"], cwd=folder, capture_output=True, check=True).stdout
    packed = subprocess.run(["cpio", "--null", "-o", "-H", "newc", "--quiet", "-R", "0:0"], cwd=folder, input=names, capture_output=True, check=True).stdout
    image = folder.with_suffix(".cpio.gz")
    image.write_bytes(gzip.compress(packed, 1))
    return image


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", type=pathlib.Path, required=True)
    arguments.add_argument("--keep", action="store_true", help="keep the machine's log and disk")
    options = arguments.parse_args()
    build = options.build.resolve()
    work = build / "devices"
    image, modules = kernel(build)
    disk = ramdisk(build, work / "root", modules)
    started = time.monotonic()
    log = work / "console.log"
    with open(log, "wb") as console:  # as it comes, for who wants to look on
        machine = subprocess.Popen(["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "512", "-nodefaults", "-display", "none", "-no-reboot",
                                    "-serial", "stdio", "-kernel", image, "-initrd", disk,
                                    "-append", "console=ttyS0 panic=-1 no_timer_check quiet loglevel=3 rdinit=/init"],
                                   stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
        try:
            machine.wait(timeout=1800)
            ended = ""
        except subprocess.TimeoutExpired:
            machine.kill()
            machine.wait()
            ended = "\nthe machine did not end within half an hour"
    said = log.read_text(errors="replace").replace("\r", "") + ended
    if not options.keep:
        shutil.rmtree(work / "root")
    good = re.search(r"^hardware_test said 0$", said, re.M) and "[  PASSED  ] 6 tests." in said
    if not good:
        print(said[-8000:])
    print(f"devices: {image.name}, {said.count('[       OK ]')} tests passed, {time.monotonic() - started:.0f} s, "
          f"{'all is well' if good else f'failed; {log}'}")
    sys.exit(0 if good else 1)


main()
