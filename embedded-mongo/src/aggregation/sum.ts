import { Int32 } from 'bson';
import {
  addDecimals,
  decimalFromBigint,
  decimalFromDouble,
  divideDecimals,
  fitsLong,
  isNumber,
  type Missing,
  narrowInteger,
  type NumberValue,
  toDecimal,
  type Value,
} from '../values/index.ts';

/**
 * Adds numbers as `$sum` does: integers exactly, doubles with the error of every step kept (Neumaier), decimals as
 * decimals. Others are passed over.
 */
export class Sum {
  private whole = 0n;
  private small = 0;
  private real = 0;
  private error = 0;
  private decimal: ReturnType<typeof toDecimal> | undefined;
  private hasReal = false;
  private hasLong = false;
  count = 0;

  add(value: Value | Missing): void {
    if (value instanceof Int32) {
      this.small += value.value;
      // Far from where a double loses integers, the sum moves over to exact arithmetic.
      if (this.small > 2 ** 52 || this.small < -(2 ** 52)) this.flush();
    } else if (typeof value === 'number') this.addReal(value);
    else if (typeof value === 'bigint') {
      this.hasLong = true;
      this.whole += value;
    } else if (isNumber(value))
      this.decimal = this.decimal ? addDecimals(this.decimal, toDecimal(value)) : toDecimal(value);
    else return;
    this.count++;
  }

  private flush(): void {
    this.whole += BigInt(this.small);
    this.small = 0;
  }

  private addReal(value: number): void {
    this.hasReal = true;
    const sum = this.real + value;
    if (Number.isFinite(sum)) {
      this.error += Math.abs(this.real) >= Math.abs(value) ? this.real - sum + value : value - sum + this.real;
    }
    this.real = sum;
  }

  private total(): number {
    return Number.isFinite(this.real) ? this.real + this.error + Number(this.whole) : this.real;
  }

  result(): NumberValue {
    this.flush();
    if (this.decimal) {
      const others = this.hasReal
        ? addDecimals(decimalFromDouble(this.real + this.error), decimalFromBigint(this.whole))
        : decimalFromBigint(this.whole);
      return addDecimals(this.decimal, others);
    }
    if (this.hasReal) return this.total();
    if (!fitsLong(this.whole)) return Number(this.whole);
    return this.hasLong ? this.whole : (narrowInteger(this.whole) as NumberValue);
  }

  /** The mean; null without numbers. */
  mean(): Value {
    if (this.count === 0) return null;
    this.flush();
    if (this.decimal)
      return divideDecimals(this.result() as ReturnType<typeof toDecimal>, decimalFromBigint(BigInt(this.count)));
    return this.total() / this.count;
  }
}
