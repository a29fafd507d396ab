for e in "accuracy >= 5%" "psnr >= 30 dB" "psnr > 3" "psnr >= -1"; do bouton redraw a b --expect "$e"; done
