/** Fourier transforms. */
import { direct, fromPython } from "../table.ts";

direct(`
  t _fft_r2c(input, dim, normalization, onesided)
  t _fft_c2r(input, dim, normalization, last_dim_size)
  t _fft_c2c(input, dim, normalization, forward)
  t _stft(input, n_fft, hop_length, win_length, window, normalized, onesided, return_complex) -> stft(input, n_fft, hop_length, win_length, window, normalized, onesided, return_complex)
  t _istft(input, n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex) -> istft(input, n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex)
`);

fromPython(
  "torch._fourier",
  "f fft ifft rfft irfft hfft ihfft fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn fftshift ifftshift",
);
fromPython("torch.functional", "m stft istft");
